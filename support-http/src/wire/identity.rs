//! Who somebody in a widget says they are.

use axum::http::StatusCode;
use serde::Deserialize;
use support_core::{
    desk::{ClaimedIdentity, DeskError},
    model::{Contact, CustomerId, Tenant},
};
use utoipa::ToSchema;

use crate::{error::ApiError, faces::chat::in_terms_of, state::SupportState};

/// A user of the host application, who is taken for a customer once that is proven.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityIn {
    /// What the host application calls them.
    #[schema(required)]
    external_id: Option<String>,
    /// The HMAC-SHA256 of `externalId` with the tenant's secret, as lower-case hex.
    #[schema(required)]
    hash: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// Somebody who proved who they are.
pub(crate) struct Identified {
    pub(crate) customer: CustomerId,
    /// How to reach them, as the page says.
    pub(crate) contact: Contact,
}

impl std::fmt::Debug for IdentityIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IdentityIn").finish_non_exhaustive()
    }
}

const NAMES: [(&str, &str); 4] = [
    ("external_id", "identity.external_id"),
    ("name", "identity.name"),
    ("email", "identity.email"),
    ("phone", "identity.phone"),
];

impl IdentityIn {
    /// Who it is.
    ///
    /// # Errors
    /// [`ApiError`] 401 when it is not proven, whatever else is wrong with the call.
    pub(crate) async fn proven(self, state: &SupportState, tenant: &Tenant) -> Result<Identified, ApiError> {
        let named = |text: Option<String>| text.filter(|text| !text.is_empty());
        let Some(external_id) = named(self.external_id) else {
            return Err(unproven("identity.externalId is missing"));
        };
        let Some(hash) = named(self.hash) else {
            return Err(unproven("identity.hash is missing"));
        };
        let contact = Contact {
            name: self.name,
            email: self.email,
            phone: self.phone,
        };
        let claim = ClaimedIdentity {
            external_id,
            hash,
            contact,
        };
        match state.desk().identify_visitor(tenant, &claim).await {
            Ok(customer) => Ok(Identified {
                customer,
                contact: claim.contact,
            }),
            Err(DeskError::Unauthenticated) => Err(unproven("identity.hash does not prove identity.externalId")),
            Err(error) => Err(in_terms_of(error, &NAMES)),
        }
    }
}

fn unproven(message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
}
