//! Whatever is shared is a store where what it shares is one, so that `Arc<dyn Store>` is one too.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    AccountReads, ArticleReads, AssignmentReads, CallbackReads, CannedResponseReads, CommitStore, DeliveryQueue,
    DeliveryReads, DepartmentReads, ErasureReads, EventReads, FigureReads, FileReads, InboxReads, MessageReads,
    NotificationReads, PeopleReads, PresenceStore, RequestReads, SearchReads, StoreError, TenantReads, TicketReads,
    Upkeep, WebhookReads,
};

macro_rules! pass_on {
    (CommitStore { $($methods:tt)* }) => {
        pass_on! { @port CommitStore { fn lanes(&self) -> usize { (**self).lanes() } } $($methods)* }
    };
    ($port:ident { $($methods:tt)* }) => { pass_on! { @port $port {} $($methods)* } };
    (@port $port:ident { $($other:item)* } $($method:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)*) => {
        #[async_trait]
        impl<S: $port + ?Sized> $port for Arc<S> {
            $(async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                (**self).$method($($argument),*).await
            })*

            $($other)*
        }
    };
}

crate::for_every_storage_port!(pass_on);
