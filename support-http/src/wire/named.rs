//! What requests name.

use support_core::{
    desk::Desk,
    model::{AgentId, DepartmentId, Input, TenantId},
};

use super::people::slugs;
use crate::error::ApiError;

/// A text without the blanks around it; nothing else is nothing.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The agent of an id. What can't be an id is refused.
pub(crate) fn agent_named(input: &mut Input, field: &str, id: &str) -> Option<AgentId> {
    let agent = id.trim().parse().ok();
    if agent.is_none() {
        input.refuse(field, "There is no such agent");
    }
    agent
}

/// The department of a slug, inactive ones too. What isn't there is refused.
///
/// # Errors
/// [`ApiError`] when the store can't be asked.
pub(crate) async fn department_named(
    desk: &Desk,
    tenant: TenantId,
    slug: Option<&str>,
    input: &mut Input,
) -> Result<Option<DepartmentId>, ApiError> {
    let Some(slug) = given(slug) else {
        return Ok(None);
    };
    let known = slugs(desk, tenant).await?;
    let found = known.into_iter().find(|(_, known)| known == slug).map(|(id, _)| id);
    if found.is_none() {
        input.refuse("department", "There is no such department");
    }
    Ok(found)
}
