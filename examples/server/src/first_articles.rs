//! What a new tenant's knowledge base begins with: samples, to be rewritten or removed like any
//! other article.

use support_core::desk::NewArticle;

struct Sample {
    slug: &'static str,
    title: &'static str,
    category: &'static str,
    tags: &'static [&'static str],
    content: &'static str,
}

const SAMPLES: [Sample; 6] = [
    Sample {
        slug: "getting-started",
        title: "How to reach us",
        category: "Getting started",
        tags: &["contact", "chat", "phone"],
        content: include_str!("../articles/getting-started.md"),
    },
    Sample {
        slug: "track-your-request",
        title: "What happens with my request?",
        category: "Getting started",
        tags: &["ticket", "status"],
        content: include_str!("../articles/track-your-request.md"),
    },
    Sample {
        slug: "reset-your-password",
        title: "How do I reset my password?",
        category: "Account",
        tags: &["login", "forgot"],
        content: include_str!("../articles/reset-your-password.md"),
    },
    Sample {
        slug: "invoices-and-payment",
        title: "Invoices and ways to pay",
        category: "Billing",
        tags: &["invoice", "card", "payment"],
        content: include_str!("../articles/invoices-and-payment.md"),
    },
    Sample {
        slug: "refunds",
        title: "How do I get a refund?",
        category: "Billing",
        tags: &["return", "money back"],
        content: include_str!("../articles/refunds.md"),
    },
    Sample {
        slug: "chat-does-not-load",
        title: "The chat does not load",
        category: "Technical problems",
        tags: &["browser", "connection"],
        content: include_str!("../articles/chat-does-not-load.md"),
    },
];

/// The samples, in their order.
pub(crate) fn first_articles() -> Vec<NewArticle> {
    let articles = SAMPLES.iter().zip(1..).map(|(sample, place)| NewArticle {
        title: sample.title.to_owned(),
        slug: Some(sample.slug.to_owned()),
        content: sample.content.to_owned(),
        category: Some(sample.category.to_owned()),
        tags: sample.tags.iter().map(|tag| (*tag).to_owned()).collect(),
        language: Some("en".to_owned()),
        is_published: Some(true),
        sort_order: Some(place),
    });
    articles.collect()
}
