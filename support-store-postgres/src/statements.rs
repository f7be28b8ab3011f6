//! Statements as constants, and the proof that the schema takes each of them.

/// Declares statements, and `STATEMENTS`, which lists them for the test.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: &str = $sql;)+

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name),)+];
    };
}
pub(crate) use statements;
