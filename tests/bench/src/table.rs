//! Text for people.

use std::io::Write as _;

use crate::Failure;

/// Writes to the output.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}

/// Writes to the error output. When even that is closed there is nobody to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A table under its title. The first `texts` columns are words, the others numbers, which end in one line.
pub(crate) fn render(title: &str, texts: usize, columns: &[&str], rows: &[Vec<String>]) -> String {
    let width_of = |place: usize, column: &str| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(place))
            .map(|cell| cell.chars().count());
        cells.chain([column.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| width_of(place, column))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).enumerate();
        let cells = cells.map(|(place, (cell, &width))| match place < texts {
            true => format!("{cell:<width$}"),
            false => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![title.to_owned(), line(&mut columns.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n") + "\n"
}

/// A number with so many digits that three count, or a dash.
pub(crate) fn number(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "1".to_owned()],
            vec!["longer".to_owned(), "1000".to_owned()],
        ];
        let table = render("Title", 1, &["what", "n"], &rows);
        assert_eq!(table, "Title\nwhat       n\na          1\nlonger  1000\n");
    }

    #[test]
    fn three_digits_of_a_number_count() {
        let numbers = [Some(1234.5), Some(12.34), Some(1.234), Some(0.1234), None].map(number);
        assert_eq!(numbers, ["1234", "12.3", "1.23", "0.123", "-"]);
    }
}
