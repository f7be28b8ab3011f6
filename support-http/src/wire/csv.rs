//! Comma-separated values (RFC 4180) that spreadsheets don't take for formulas.

use std::fmt::Write;

/// Characters that make a spreadsheet compute a cell (OWASP, "CSV Injection").
const FORMULA_BEGINNINGS: [char; 7] = ['=', '+', '-', '@', '\t', '\0', '\r'];

/// Rows of cells, as one text.
#[derive(Debug, Default)]
pub(crate) struct Csv(String);

impl Csv {
    /// One more row.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.cell(cell);
        }
        self.0.push_str("\r\n");
    }

    fn cell(&mut self, cell: &str) {
        let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
        let is_formula = cell.starts_with(FORMULA_BEGINNINGS) || cell.starts_with('\n');
        let harmless = if is_formula && !is_number { "'" } else { "" };
        let is_quoted = cell.contains(['"', ',', '\r', '\n']);
        // Writing into a text can't fail.
        let _ = if is_quoted {
            write!(self.0, "\"{harmless}{}\"", cell.replace('"', "\"\""))
        } else {
            write!(self.0, "{harmless}{cell}")
        };
    }

    /// The whole text.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Csv;

    fn cells(cells: &[&str]) -> String {
        let mut csv = Csv::default();
        csv.row(cells.iter().copied());
        csv.finish()
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_made_harmless() {
        for formula in ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\0x"] {
            assert_eq!(cells(&[formula]), format!("'{formula}\r\n"));
        }
        assert_eq!(cells(&["\r=1"]), "\"'\r=1\"\r\n");
        assert_eq!(cells(&["\n=1"]), "\"'\n=1\"\r\n");
    }

    #[test]
    fn numbers_stay_numbers_and_texts_are_quoted_where_they_must_be() {
        assert_eq!(
            cells(&["-1.5", "a,b", "say \"hi\"", "plain"]),
            "-1.5,\"a,b\",\"say \"\"hi\"\"\",plain\r\n"
        );
    }
}
