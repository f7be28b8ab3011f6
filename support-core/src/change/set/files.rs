//! Files that people send in.

use super::ChangeSet;
use crate::{
    change::{Record, Write},
    model::{Audience, EventBody, File},
};

impl ChangeSet {
    /// Notes that a file is coming in. Nothing that anybody hears of before it is there.
    pub fn await_file(&mut self, file: File) {
        self.keep_file(file);
    }

    /// A file came in whole.
    pub fn save_file(&mut self, file: File) {
        self.tell(EventBody::FileSaved { file: file.id }, Audience::admins());
        self.keep_file(file);
    }

    /// A file is carried by a message, which tells of it: goes with the message's own change set.
    pub fn attach_file(&mut self, file: File) {
        self.keep_file(file);
    }

    /// A file's bytes are about to be removed. Nothing that anybody hears of before they are gone.
    pub fn doom_file(&mut self, file: File) {
        self.keep_file(file);
    }

    /// A file is gone.
    pub fn remove_file(&mut self, file: &File) {
        self.expect_version(Record::File(file.id), file.version);
        self.tell(EventBody::FileRemoved { file: file.id }, Audience::admins());
        self.writes.push(Write::RemoveFile(file.id));
    }

    fn keep_file(&mut self, file: File) {
        self.expect_version(Record::File(file.id), file.version);
        self.writes.push(Write::PutFile(file));
    }
}
