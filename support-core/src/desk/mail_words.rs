//! A tenant's own words for mails.

use std::sync::Arc;

use super::{Desk, DeskError, Scope, lookup::require};
use crate::{
    change::ChangeSet,
    model::{EventBody, FieldError, MailTemplate, Role},
    ports::{LetterKind, TemplateProblem},
};

/// The longest part of a template, in bytes.
const LONGEST_PART: usize = 64 * 1024;

/// Other words for a mail. What is not named is as the mail reads by itself.
#[derive(Debug, Clone, Default)]
pub struct MailWords {
    /// The subject's template.
    pub subject: Option<String>,
    /// The plain text's template.
    pub text: Option<String>,
    /// The HTML's template.
    pub html: Option<String>,
}

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTemplateState {
    /// Which mail.
    pub kind: LetterKind,
    /// Its words.
    pub template: MailTemplate,
    /// Whether they are the tenant's own.
    pub is_own: bool,
}

impl Desk {
    /// The words of all mails.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`] when this
    /// installation has no mails.
    pub async fn mail_words(&self, scope: &Scope) -> Result<Vec<MailTemplateState>, DeskError> {
        require(scope, Role::Admin)?;
        let templates = self.mail_templates().ok_or(DeskError::NotFound)?;
        let own = self.tenant_of(scope).await?.settings.templates;
        let states = LetterKind::MAILS.iter().map(|kind| {
            let theirs = own.get(kind.as_str()).cloned();
            MailTemplateState {
                kind: *kind,
                is_own: theirs.is_some(),
                template: theirs.unwrap_or_else(|| templates.builtin(*kind)),
            }
        });
        Ok(states.collect())
    }

    /// A mail as it would read with other words, about made-up people.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`] when there is no
    /// such mail, [`DeskError::Invalid`] with everything that is wrong with the words.
    pub async fn preview_mail(&self, scope: &Scope, name: &str, words: MailWords) -> Result<MailTemplate, DeskError> {
        let (_, rendered) = self.tried_words(scope, name, words).await?;
        Ok(rendered)
    }

    async fn tried_words(
        &self,
        scope: &Scope,
        name: &str,
        words: MailWords,
    ) -> Result<(MailTemplate, MailTemplate), DeskError> {
        require(scope, Role::Admin)?;
        let templates = self.mail_templates().ok_or(DeskError::NotFound)?;
        let kind = kind_named(name)?;
        let tenant = self.tenant_of(scope).await?;
        let present = tenant.settings.templates.get(name).cloned();
        let present = present.unwrap_or_else(|| templates.builtin(kind));
        let template = MailTemplate {
            subject: words.subject.unwrap_or(present.subject),
            text: words.text.unwrap_or(present.text),
            html: words.html.unwrap_or(present.html),
        };
        check_parts(&template)?;
        let letter = self.sample_letter(kind, &tenant);
        let rendered = templates.render(&template, &letter).map_err(invalid)?;
        Ok((template, rendered))
    }

    /// Sets a mail's words, if they read as a mail.
    ///
    /// # Errors
    /// As [`preview_mail`](Self::preview_mail).
    pub async fn set_mail_words(&self, scope: &Scope, name: &str, words: MailWords) -> Result<MailTemplate, DeskError> {
        let (template, _) = self.tried_words(scope, name, words).await?;
        self.put_mail_words(scope, name, Some(&template)).await?;
        Ok(template)
    }

    /// Gives a mail back the words that it has by itself.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn reset_mail_words(&self, scope: &Scope, name: &str) -> Result<(), DeskError> {
        require(scope, Role::Admin)?;
        kind_named(name)?;
        self.put_mail_words(scope, name, None).await
    }

    async fn put_mail_words(
        &self,
        scope: &Scope,
        name: &str,
        template: Option<&MailTemplate>,
    ) -> Result<(), DeskError> {
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            let mut templates = tenant.settings.templates.as_ref().clone();
            match template {
                Some(template) => templates.insert(name.to_owned(), template.clone()),
                None => templates.remove(name),
            };
            tenant.settings.templates = Arc::new(templates);
            tenant.updated_at = self.now();
            let mut change = ChangeSet::new(scope, self.now());
            change.put_tenant(tenant, EventBody::TenantSaved);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }
}

fn kind_named(name: &str) -> Result<LetterKind, DeskError> {
    let found = LetterKind::MAILS.iter().find(|kind| kind.as_str() == name);
    found.copied().ok_or(DeskError::NotFound)
}

fn check_parts(template: &MailTemplate) -> Result<(), DeskError> {
    let parts = [
        ("subject", &template.subject),
        ("text", &template.text),
        ("html", &template.html),
    ];
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message: String| {
        errors.push(FieldError {
            field: field.to_owned(),
            message,
        });
    };
    for (field, part) in parts {
        let is_allowed = |character: char| matches!(character, '\t' | '\n' | '\r') && field != "subject";
        if part.len() > LONGEST_PART {
            refuse(field, format!("Must have at most {LONGEST_PART} bytes"));
        } else if part
            .trim_end()
            .chars()
            .any(|character| character.is_control() && !is_allowed(character))
        {
            refuse(field, "Must not contain control characters".to_owned());
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(DeskError::Invalid(errors))
    }
}

fn invalid(problems: Vec<TemplateProblem>) -> DeskError {
    let told = |TemplateProblem { part, line, message }| FieldError {
        field: part.to_owned(),
        message: line.map_or(message.clone(), |line| format!("line {line}: {message}")),
    };
    DeskError::Invalid(problems.into_iter().map(told).collect())
}
