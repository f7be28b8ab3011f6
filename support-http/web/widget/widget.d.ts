/** What a page can do with the chat bubble that it has loaded by `widget.js`. */
interface SupportWidgetApi {
  /** Shows the chat, or the form for being called. */
  open(view?: "chat" | "call"): Promise<void>;
  close(): Promise<void>;
  toggle(): Promise<void>;
  /** Says who the visitor is. Another `externalId` than before begins anew, as `reset` does. */
  identify(person: SupportWidgetPerson): Promise<void>;
  /** What the team should know of the visitor, such as a plan or an order; goes with the first message of a chat. */
  setAttributes(attributes: Record<string, string | number | boolean | null>): Promise<void>;
  /** `en`, `de`, `zh` or `ar`, with or without a region; whatever else is English. */
  setLocale(locale: string): Promise<void>;
  /** Shows the chat and says something in the visitor's name. */
  send(text: string): Promise<void>;
  /** Forgets the visitor and their chat on this device: for logging out. */
  reset(): Promise<void>;
  /** How to get a token that proves a person, where the server asks for one. */
  setChallenge(challenge: () => Promise<string>): Promise<void>;
  /** Hears of something, until what it returns is called. */
  on<Name extends keyof SupportWidgetEvents>(event: Name, handler: (detail: SupportWidgetEvents[Name]) => void): () => void;
}

interface SupportWidgetPerson {
  name?: string;
  email?: string;
  phone?: string;
  /** The visitor's id in your system. */
  externalId?: string;
  /** Lowercase hex HMAC-SHA256 of `externalId` with the inbox's secret, made by your server; proves the rest. */
  hash?: string;
}

interface SupportWidgetEvents {
  open: null;
  close: null;
  /** The team or a bot said something just now. */
  message: { id: string; text: string; sender: string; at: string };
  /** How many messages the visitor has not read. */
  unread: number;
  status: "ACTIVE" | "WAITING" | "RESOLVED" | "CLOSED" | null;
  /** How many stars the visitor gave. */
  rating: number;
  /** The visitor asked to be called. */
  callback: { requestId: string };
}

interface Window {
  /** There once the script has run, which the event `supportwidget` of the window tells. */
  SupportWidget?: SupportWidgetApi;
}
