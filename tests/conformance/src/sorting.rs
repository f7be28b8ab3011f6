//! Lists of agents, customers and tenants in every order.

use std::{cmp::Ordering, sync::Arc, time::Duration};

use support_core::{
    change::ChangeSet,
    desk::Scope,
    model::{Agent, Contact, Customer, EventBody, Tenant, TenantId, Timestamp},
    ports::{AgentFilter, CustomerFilter, PageRequest, RecordOrder, RecordSort, SortOrder, Store},
};
use uuid::Uuid;

use crate::world::World;

/// Names that languages order otherwise than the numbers of their signs do, and twice the same.
const NAMES: [&str; 7] = ["b", "a", "Z", "é", "a", "zz", "_"];

fn orders() -> impl Iterator<Item = RecordOrder> {
    let sorts = [RecordSort::CreatedAt, RecordSort::UpdatedAt, RecordSort::Name];
    let directions = [SortOrder::Ascending, SortOrder::Descending];
    sorts
        .into_iter()
        .flat_map(move |sort| directions.map(|order| RecordOrder::new(sort, order)))
}

/// What a record is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    created_at: Timestamp,
    updated_at: Timestamp,
    name: String,
    id: Uuid,
}

impl Place {
    fn compare(&self, other: &Self, order: RecordOrder) -> Ordering {
        let by_value = match order.sort {
            RecordSort::CreatedAt => self.created_at.cmp(&other.created_at),
            RecordSort::UpdatedAt => self.updated_at.cmp(&other.updated_at),
            RecordSort::Name => self.name.as_bytes().cmp(other.name.as_bytes()),
        };
        let ascending = by_value.then(self.id.cmp(&other.id));
        match order.order {
            SortOrder::Ascending => ascending,
            SortOrder::Descending => ascending.reverse(),
        }
    }
}

fn in_order(places: &[Place], order: RecordOrder) -> Vec<Place> {
    let mut places = places.to_vec();
    places.sort_by(|first, second| first.compare(second, order));
    places
}

/// When the record of a place was added and last changed: some at once, and not in the same order.
fn times(place: usize) -> (Timestamp, Timestamp) {
    let at = |minutes: usize| {
        let minutes = u64::try_from(minutes).unwrap();
        Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(60 * minutes))
    };
    (at(place / 2), at(100 + place * 4 % 7 / 2))
}

/// All pages, of three each.
async fn paged<T, F>(page: impl Fn(PageRequest) -> F) -> Vec<T>
where
    F: Future<Output = Vec<T>>,
{
    let mut all = Vec::new();
    for number in 1.. {
        let part = page(PageRequest { number, limit: 3 }).await;
        if part.is_empty() {
            break;
        }
        all.extend(part);
    }
    all
}

/// By name, age or change, in both directions, and equals always in the same order.
pub async fn agents_come_in_every_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let place_of = |agent: &Agent| Place {
        created_at: agent.created_at,
        updated_at: agent.updated_at,
        name: agent.name.clone(),
        id: agent.id.uuid(),
    };
    let mut places = Vec::new();
    for (place, name) in NAMES.into_iter().enumerate() {
        let (created_at, updated_at) = times(place);
        let agent = Agent {
            name: name.to_owned(),
            created_at,
            updated_at,
            ..world.samples.agent()
        };
        places.push(place_of(&world.add_agent(agent).await));
    }
    for order in orders() {
        let filter = &AgentFilter {
            order,
            ..AgentFilter::default()
        };
        let found = paged(async |page| store.agents(world.id(), filter, page).await.unwrap().items).await;
        let found: Vec<Place> = found.iter().map(place_of).collect();
        assert_eq!(found, in_order(&places, order), "{order:?}");
    }
}

/// Likewise; those without a name as if theirs was empty.
pub async fn customers_come_in_every_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let place_of = |customer: &Customer| Place {
        created_at: customer.created_at,
        updated_at: customer.updated_at,
        name: customer.contact.name.clone().unwrap_or_default(),
        id: customer.id.uuid(),
    };
    let mut places = Vec::new();
    let names = NAMES.into_iter().map(Some).chain([None, None]);
    for (place, name) in names.enumerate() {
        let (created_at, updated_at) = times(place);
        let customer = Customer {
            contact: Contact {
                name: name.map(str::to_owned),
                email: Some(format!("{place}@shop.example")),
                phone: None,
            },
            created_at,
            updated_at,
            ..world.samples.customer()
        };
        places.push(place_of(&world.add_customer(customer).await));
    }
    for order in orders() {
        let filter = &CustomerFilter {
            order,
            text: Some("shop".to_owned()),
        };
        let found = paged(async |page| store.customers(world.id(), filter, page).await.unwrap().items).await;
        let found: Vec<Place> = found.iter().map(place_of).collect();
        assert_eq!(found, in_order(&places, order), "{order:?}");
    }
}

/// Likewise, inactive ones too.
pub async fn tenants_come_in_every_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let place_of = |tenant: &Tenant| Place {
        created_at: tenant.created_at,
        updated_at: tenant.updated_at,
        name: tenant.name.clone(),
        id: tenant.id.uuid(),
    };
    let mut places = vec![place_of(&world.tenant)];
    for (place, name) in NAMES.into_iter().enumerate() {
        let (created_at, updated_at) = times(place);
        let tenant = Tenant {
            name: name.to_owned(),
            is_active: place != 2,
            created_at,
            updated_at,
            ..world.samples.tenant()
        };
        places.push(place_of(&tenant));
        let id: TenantId = tenant.id;
        let mut change = ChangeSet::new(&Scope::system(id), world.samples.later());
        change.put_tenant(tenant, EventBody::TenantSaved);
        world.commit(change).await;
    }
    for order in orders() {
        let found = paged(async |page| store.tenants(order, page).await.unwrap().items).await;
        let found: Vec<Place> = found.iter().map(place_of).collect();
        assert_eq!(found, in_order(&places, order), "{order:?}");
    }
}
