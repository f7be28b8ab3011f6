//! Logging in where the tenant is named.

use super::{Desk, DeskError, LoggedIn};
use crate::model::Input;

impl Desk {
    /// As [`log_in`](Self::log_in), to the tenant of this slug. A slug that is nobody's is as
    /// wrong as a wrong password, and takes as long.
    ///
    /// # Errors
    /// As [`log_in`](Self::log_in).
    pub async fn log_in_to(&self, slug: &str, email: &str, password: &str) -> Result<LoggedIn, DeskError> {
        let mut checked = Input::new();
        let slug = checked.slug("tenant", slug);
        let tenant = if checked.finish().is_ok() {
            self.stores().tenants.tenant_by_slug(&slug).await?
        } else {
            None
        };
        if let Some(tenant) = tenant.filter(|tenant| tenant.is_active) {
            return self.log_in(Some(tenant.id), email, password).await;
        }
        let mut input = Input::new();
        input.line("email", email, 1..=254);
        if password.is_empty() {
            input.refuse("password", "This field is required");
        }
        input.finish()?;
        self.hash_password(password).await?;
        Err(DeskError::Unauthenticated)
    }
}
