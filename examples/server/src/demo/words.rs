//! What people of the demo tenant say. `{product}`, `{order}`, `{name}` and the like stand for
//! what differs from conversation to conversation.

use support_core::model::Contact;

use super::dice::Dice;

/// A matter that people write about.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) department: &'static str,
    pub(crate) category: &'static str,
    pub(crate) subcategory: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) subjects: &'static [&'static str],
    pub(crate) questions: &'static [&'static str],
    pub(crate) answers: &'static [&'static str],
}

pub(crate) const FIRST_NAMES: [&str; 60] = [
    "Mara", "Jonas", "Aylin", "Tom", "Priya", "Luis", "Hanna", "Omar", "Chloe", "Mateo", "Ines", "Felix", "Nadia",
    "Ravi", "Greta", "Paul", "Sofia", "Ken", "Elif", "David", "Amara", "Leon", "Yuki", "Marta", "Noah", "Zoe", "Ivan",
    "Leila", "Oscar", "Emma", "Samir", "Clara", "Hugo", "Nina", "Arjun", "Olivia", "Karim", "Freya", "Diego", "Mina",
    "Anton", "Rosa", "Theo", "Vera", "Malik", "Ida", "Bruno", "Selin", "Henrik", "Alma", "Joao", "Linnea", "Marek",
    "Tessa", "Kofi", "Elena", "Jasper", "Dilara", "Milan", "Ruth",
];
pub(crate) const LAST_NAMES: [&str; 60] = [
    "Berger",
    "Okafor",
    "Lindqvist",
    "Silva",
    "Novak",
    "Haddad",
    "Meyer",
    "Tanaka",
    "Rossi",
    "Kaya",
    "Fischer",
    "Dubois",
    "Patel",
    "Moreno",
    "Jensen",
    "Kowalski",
    "Nguyen",
    "Brandt",
    "Costa",
    "Eriksen",
    "Farouk",
    "Garcia",
    "Hughes",
    "Ivanova",
    "Jansen",
    "Keller",
    "Laurent",
    "Marino",
    "Nakamura",
    "Olsen",
    "Petrov",
    "Quinn",
    "Ramos",
    "Schmidt",
    "Thomsen",
    "Ulrich",
    "Vargas",
    "Weber",
    "Yilmaz",
    "Zimmer",
    "Andersson",
    "Bakker",
    "Clarke",
    "Demir",
    "Engel",
    "Ferrari",
    "Gruber",
    "Horvat",
    "Ibrahim",
    "Jovanovic",
    "Krause",
    "Lopez",
    "Mensah",
    "Neumann",
    "Osei",
    "Park",
    "Reid",
    "Santos",
    "Torres",
    "Wagner",
];
const PRODUCTS: [&str; 24] = [
    "Alder desk lamp",
    "Birch bookshelf",
    "Cedar garden bench",
    "Dune sofa",
    "Ember wood stove",
    "Fjord office chair",
    "Glen coffee table",
    "Harbor wall clock",
    "Iris bedside lamp",
    "Juniper dining table",
    "Kelp bath mat",
    "Larch bed frame",
    "Meadow carpet",
    "Nord wardrobe",
    "Onyx kettle",
    "Pine step stool",
    "Quarry vase",
    "Reed laundry basket",
    "Slate coat rack",
    "Tide shower head",
    "Umber curtain",
    "Vale mattress",
    "Willow hammock",
    "Zephyr ceiling fan",
];
const CITIES: [&str; 16] = [
    "Hamburg", "Porto", "Lyon", "Utrecht", "Graz", "Malmo", "Bristol", "Krakow", "Turin", "Leipzig", "Ghent", "Bilbao",
    "Aarhus", "Brno", "Cork", "Basel",
];
const COLOURS: [&str; 8] = ["oak", "black", "white", "sage", "terracotta", "walnut", "sand", "navy"];

/// Each is said half as often as the one before it.
const RARE: [&str; 24] = [
    "ferrule",
    "grommet",
    "escutcheon",
    "gooseneck",
    "bakelite",
    "damask",
    "marquetry",
    "verdigris",
    "cabochon",
    "gimbal",
    "lanyard",
    "ormolu",
    "palisander",
    "quatrefoil",
    "rattan",
    "scagliola",
    "tarlatan",
    "vellum",
    "wainscot",
    "xyloid",
    "zircon",
    "baize",
    "chamfer",
    "dovetail",
];

pub(crate) const TOPICS: [Topic; 10] = [
    Topic {
        department: "general",
        category: "delivery",
        subcategory: "late",
        tags: &["delivery", "late"],
        subjects: &[
            "Where is my order {order}?",
            "Delivery of {product} is late",
            "Order {order} has not arrived",
        ],
        questions: &[
            "Hello, my order {order} was to arrive on {day}, and nothing has come yet. Can you see where it is?",
            "Hi! I am waiting for the {product} (order {order}). The tracking has not moved since {day}.",
            "Could you please check order {order}? The carrier says it is in {city}, but that was days ago.",
            "My parcel with the {product} seems to be stuck in {city}. What happens now?",
        ],
        answers: &[
            "Thanks for writing, {name}. I can see order {order} in the carrier's depot in {city}; it goes out on {day}.",
            "I am sorry for the delay. The truck to {city} was full, and your {product} is on the next one.",
            "I have asked the carrier to look for the parcel. They answer within one working day.",
            "If it has not arrived by {day}, we will send a new {product} at once.",
        ],
    },
    Topic {
        department: "general",
        category: "delivery",
        subcategory: "damaged",
        tags: &["delivery", "damaged"],
        subjects: &[
            "{product} arrived damaged",
            "Broken part in order {order}",
            "Scratches on the {product}",
        ],
        questions: &[
            "Hello, the {product} from order {order} arrived today with a crack on one side. What can we do?",
            "The box was open and one leg of the {product} is bent. I have pictures if you need them.",
            "There are deep scratches on the {colour} finish of my {product}. I would like a replacement please.",
        ],
        answers: &[
            "Oh no, I am sorry, {name}. A picture of the damage and of the box is all I need.",
            "Thank you for the pictures. I have ordered the part for your {product}; it leaves on {day}.",
            "We will take the {product} back and send a new one. Nothing to pay on your side.",
        ],
    },
    Topic {
        department: "general",
        category: "returns",
        subcategory: "exchange",
        tags: &["return"],
        subjects: &[
            "Return of order {order}",
            "Exchange the {product} for another colour",
            "Return label missing",
        ],
        questions: &[
            "Hi, the {product} is lovely, but the {colour} does not match our room. Can I exchange it?",
            "I would like to return order {order}. There was no return label in the box.",
            "How long do I have to send the {product} back, and who pays for that?",
        ],
        answers: &[
            "Of course, {name}. You have 30 days, and the return is free. I have mailed you the label.",
            "We can exchange it for {colour}; it is in stock. Shall I go ahead?",
            "The carrier picks it up in {city} on {day}, if that suits you.",
        ],
    },
    Topic {
        department: "sales",
        category: "advice",
        subcategory: "product",
        tags: &["presale"],
        subjects: &[
            "Question about the {product}",
            "Does the {product} come in {colour}?",
            "Size of the {product}",
        ],
        questions: &[
            "Hello, does the {product} come in {colour} as well? I only see two colours on the page.",
            "How deep is the {product}, please? I have a niche of 42 centimetres.",
            "Is the {product} fit for outdoors? It would stand on a covered balcony in {city}.",
        ],
        answers: &[
            "Good question! The {product} comes in {colour} from next month on.",
            "It is 40 centimetres deep, so it fits with a little air behind it.",
            "It may stand outdoors under a roof. I would oil it once a year.",
        ],
    },
    Topic {
        department: "sales",
        category: "advice",
        subcategory: "availability",
        tags: &["presale", "stock"],
        subjects: &[
            "When is the {product} back?",
            "Stock of {product}",
            "Order of many pieces",
        ],
        questions: &[
            "The {product} is sold out. When will it be back, please?",
            "We need 40 pieces of the {product} for our office in {city}. Is there a price for that?",
            "Can I reserve the {product} in {colour} until {day}?",
        ],
        answers: &[
            "The next delivery comes on {day}, {name}. I have put one aside for you.",
            "From 20 pieces on there are 12 per cent off. I will send you an offer today.",
            "There are three left in the shop in {city}. They keep one for you until {day}.",
        ],
    },
    Topic {
        department: "technical",
        category: "product",
        subcategory: "assembly",
        tags: &["assembly"],
        subjects: &[
            "Assembly of the {product}",
            "A screw of the {product} is missing",
            "Step 7 does not fit",
        ],
        questions: &[
            "I am putting the {product} together and the holes of step 7 do not line up. What am I doing wrong?",
            "Two screws are missing from the bag of my {product}. Order {order}.",
            "Is there a video of the assembly? The drawing is hard to read.",
        ],
        answers: &[
            "Please turn the side panel around: the mark has to point to the back. It is easy to miss.",
            "I have put a new bag of screws in the mail, {name}. It should be there by {day}.",
            "There is a video on the page of the {product}, below the pictures.",
        ],
    },
    Topic {
        department: "technical",
        category: "product",
        subcategory: "fault",
        tags: &["fault", "warranty"],
        subjects: &[
            "{product} stopped working",
            "Strange noise from the {product}",
            "Warranty for order {order}",
        ],
        questions: &[
            "My {product} stopped working after two weeks. It is order {order}. Is that covered by the warranty?",
            "The {product} makes a strange noise since {day}. It gets louder in the evening.",
            "The switch of the {product} is loose. Can I repair that myself?",
        ],
        answers: &[
            "Please unplug it for a minute and try again. If it stays silent, we will replace it.",
            "That sounds like the bearing. It is covered by the warranty for five years.",
            "I have made a repair order for you, {name}. The workshop in {city} calls you on {day}.",
        ],
    },
    Topic {
        department: "technical",
        category: "account",
        subcategory: "login",
        tags: &["login", "account"],
        subjects: &[
            "I can't log in",
            "Password reset does not arrive",
            "Two accounts with one address",
        ],
        questions: &[
            "Hello, I can't log in any more. The page says that my password is wrong, but it is not.",
            "I have asked for a new password three times and no mail arrives.",
            "I seem to have two accounts. Order {order} is in one of them and I only see the other.",
        ],
        answers: &[
            "I have sent you another link, {name}. Please look into the spam folder too.",
            "Your account was locked after too many attempts. It is open again now.",
            "I have merged both accounts; order {order} should be in the list now.",
        ],
    },
    Topic {
        department: "finance",
        category: "billing",
        subcategory: "invoice",
        tags: &["invoice"],
        subjects: &[
            "Invoice for order {order}",
            "Wrong address on the invoice",
            "Invoice with VAT number",
        ],
        questions: &[
            "Could I have the invoice for order {order} please? I need it for my taxes.",
            "The address on the invoice is wrong; we moved to {city} last month.",
            "Please put our VAT number on the invoice of order {order}.",
        ],
        answers: &[
            "Here it comes, {name}: I have mailed you the invoice of order {order}.",
            "I have corrected the address and sent you a new invoice.",
            "Done. From now on your invoices have the VAT number on them.",
        ],
    },
    Topic {
        department: "finance",
        category: "billing",
        subcategory: "refund",
        tags: &["refund", "payment"],
        subjects: &[
            "Refund for order {order}",
            "Charged twice",
            "When does the money come back?",
        ],
        questions: &[
            "I was charged twice for order {order}. Please refund one of the payments.",
            "I returned the {product} two weeks ago and the refund has not arrived yet.",
            "The voucher was not taken off the price of the {product}. Can you correct that?",
        ],
        answers: &[
            "I see both payments, {name}. The second one goes back today; your bank takes up to three days.",
            "The {product} arrived in our warehouse on {day}, and the refund is on its way.",
            "I have refunded the difference. Sorry for the trouble!",
        ],
    },
];

pub(crate) const CUSTOMER_LINES: [&str; 28] = [
    "Thank you, that helps.",
    "Hm, I am not sure I understand. Could you explain it once more please?",
    "The order number is {order}.",
    "It is the {colour} one.",
    "Yes, please do that.",
    "No, I have tried that already.",
    "I am at home on {day}, in the afternoon.",
    "My address in {city} is still the same.",
    "How long will that take?",
    "Could somebody call me instead?",
    "I have the {product} right here in front of me.",
    "That is a pity. Is there another way?",
    "Okay, I will try it and write again.",
    "It works now for a moment, then it stops.",
    "Do I have to pay for that?",
    "I would rather have my money back, please.",
    "The label on the box says {order}.",
    "Great, thanks a lot!",
    "I ordered two of them, and only one is wrong.",
    "Is the order really on its way?",
    "Please don't send it to {city}, I am at work then.",
    "A friend of mine has the same {product} and it is fine.",
    "Sorry for so many questions.",
    "I will look for the receipt.",
    "One more thing: can you add the matching lamp to the order?",
    "That would be wonderful.",
    "I have sent you a picture by mail.",
    "When I open the page it only shows a blank screen.",
];
pub(crate) const AGENT_LINES: [&str; 28] = [
    "Thank you for your patience, {name}.",
    "Let me look that up for you, one moment please.",
    "Could you tell me the order number, please?",
    "I have found your order: {order}.",
    "I am checking with our warehouse in {city}.",
    "Could you send a picture of the {product}?",
    "I have made a note in your order, so that my colleagues know.",
    "You will get a mail as soon as it leaves.",
    "That is included, you don't have to pay anything.",
    "I understand, that must be annoying.",
    "Would {day} suit you?",
    "I have put it right. Please reload the page.",
    "Which colour would you like: {colour}?",
    "Please keep the old part until the new one has arrived.",
    "Our workshop says that this happens with the first series of the {product}.",
    "I can offer you a replacement or a refund. Which do you prefer?",
    "Please give me a minute, I am asking a colleague.",
    "The carrier has confirmed it for {day}.",
    "I have written to the warehouse and will come back to you.",
    "Is there anything else I can do for you?",
    "You are welcome!",
    "I have sent you the link by mail.",
    "Please take off the cover first, then press the switch for five seconds.",
    "There is a guide on the page of the {product}, under downloads.",
    "That was our mistake, and I am sorry.",
    "I have extended the reservation until {day}.",
    "It looks fine on our side now. Does it on yours?",
    "Your order {order} gets priority now.",
];
pub(crate) const NOTES: [&str; 8] = [
    "Called the warehouse in {city}, they look for order {order}.",
    "Customer wrote about the same {product} last month.",
    "Refund needs the approval of finance.",
    "Picture shows the damage clearly, replacement is fine.",
    "Waiting for the carrier.",
    "Please be quick with this one, second complaint.",
    "Serial number checked, still in warranty.",
    "Offered 10 per cent off the next order.",
];
pub(crate) const BOT_LINES: [&str; 4] = [
    "I am the assistant. I could not find an answer to that; let me get a person for you.",
    "Somebody from our team will take over in a moment.",
    "I found an article about the {product}, but it does not answer your question. A person will.",
    "You asked for a person. Please stay here, it does not take long.",
];
pub(crate) const RESOLUTIONS: [&str; 8] = [
    "Replacement sent",
    "Refunded",
    "Explained",
    "Carrier found the parcel",
    "Invoice sent",
    "Account unlocked",
    "Part sent",
    "Answered from the guide",
];
pub(crate) const ESCALATIONS: [&str; 5] = [
    "The customer threatens to cancel",
    "Third complaint about the same order",
    "Needs a decision of the head of sales",
    "Nobody answered in time",
    "Possible safety problem",
];
pub(crate) const PRAISE: [&str; 10] = [
    "Very quick and friendly, thank you!",
    "Solved in minutes.",
    "Great help.",
    "Best support I have had in years.",
    "Friendly, and they really listened.",
    "All good.",
    "Thanks for the replacement!",
    "Perfect.",
    "Clear answers.",
    "I will order again.",
];
pub(crate) const BLAME: [&str; 6] = [
    "It took far too long.",
    "I had to explain everything three times.",
    "Not really solved.",
    "Nobody called back.",
    "Friendly, but no help.",
    "The refund is still missing.",
];
pub(crate) const CALLBACK_NOTES: [&str; 8] = [
    "Please call about the order of the {product}.",
    "Wants an offer for 30 pieces of the {product}.",
    "Would like advice about the {product}, prefers the phone.",
    "Question about an invoice.",
    "Complaint about a delivery in {city}.",
    "Best after five in the evening.",
    "Has been waiting for a refund.",
    "Needs help with the assembly of the {product}.",
];
const RARE_LINES: [&str; 4] = [
    "By the way, the {rare} is missing too.",
    "The manual calls it the {rare}.",
    "I also need a new {rare} for it.",
    "It is the part next to the {rare}.",
];
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// How often a line of a customer has a rare word, in a thousand.
const RARELY: u64 = 3;

/// What the lines of one conversation speak of.
#[derive(Debug)]
pub(crate) struct Subject {
    name: String,
    product: &'static str,
    order: String,
    city: &'static str,
    colour: &'static str,
}

impl Subject {
    /// Somebody's matter.
    pub(crate) fn of(contact: &Contact, dice: &mut Dice) -> Self {
        let name = contact.name.as_deref().unwrap_or("there");
        Self {
            name: name.split(' ').next().unwrap_or(name).to_owned(),
            product: dice.word(&PRODUCTS),
            order: format!("R-{:07}", dice.between(1, 9_999_999)),
            city: dice.word(&CITIES),
            colour: dice.word(&COLOURS),
        }
    }

    /// One of some lines, with everything in its place.
    pub(crate) fn say(&self, lines: &[&'static str], dice: &mut Dice) -> String {
        let line = dice.word(lines);
        self.fill(line, dice)
    }

    /// The same for a customer, who now and then uses a rare word.
    pub(crate) fn ask(&self, lines: &[&'static str], dice: &mut Dice) -> String {
        let mut said = self.say(lines, dice);
        if dice.happens(RARELY) {
            said.push(' ');
            said.push_str(&self.say(&RARE_LINES, dice));
        }
        said
    }

    fn fill(&self, line: &str, dice: &mut Dice) -> String {
        let mut filled = String::with_capacity(line.len() + 32);
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            filled.push_str(match slot {
                "name" => &self.name,
                "product" => self.product,
                "order" => &self.order,
                "city" => self.city,
                "colour" => self.colour,
                "day" => dice.word(&DAYS),
                "rare" => RARE.get(dice.rare()).copied().unwrap_or("ferrule"),
                _ => slot,
            });
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_filled() {
        let mut dice = Dice::seeded(1);
        let subject = Subject::of(&Contact::default(), &mut dice);
        let topics = TOPICS
            .iter()
            .flat_map(|topic| [topic.subjects, topic.questions, topic.answers]);
        let shared: [&[&str]; 5] = [&CUSTOMER_LINES, &AGENT_LINES, &NOTES, &BOT_LINES, &RARE_LINES];
        for line in topics.chain(shared).flatten() {
            let filled = subject.fill(line, &mut dice);
            assert!(!filled.contains(['{', '}']), "{filled}");
            for slot in [
                "{name}",
                "{product}",
                "{order}",
                "{city}",
                "{colour}",
                "{day}",
                "{rare}",
            ] {
                let without = line.replace(slot, "");
                assert!(
                    without.len() == line.len() || filled.len() > without.len(),
                    "{line}: {filled}"
                );
            }
        }
    }
}
