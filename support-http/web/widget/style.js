// @ts-check

/** The widget looks the same on every site: nothing of the page reaches into the shadow root. */
export const STYLE = `
  :host {
    --ink: #17202b; --ink-soft: #586574; --surface: #fff; --sunken: #f2f5f7; --line: #dfe4ea;
    --accent: #14665f; --accent-ink: #fff; --fill: #14665f; --fill-ink: #fff; --danger: #b3261e;
    --shadow: 0 2px 6px rgb(15 30 45 / 12%), 0 16px 48px rgb(15 30 45 / 22%);
    all: initial; position: fixed; right: 20px; bottom: 20px; z-index: 2147483000;
    font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; color: var(--ink);
    color-scheme: light dark;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --ink: #e8edf2; --ink-soft: #9aa7b5; --surface: #171e26; --sunken: #222c37; --line: #2f3a46;
      --accent: #4fb8ab; --accent-ink: #06211e; --fill: #1d7a70; --fill-ink: #fff; --danger: #ff8a80;
      --shadow: 0 2px 6px rgb(0 0 0 / 40%), 0 16px 48px rgb(0 0 0 / 55%);
    }
  }
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  button, input, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .bubble {
    position: relative; display: grid; place-items: center; width: 58px; height: 58px; padding: 0; border: 0;
    border-radius: 50%; background: var(--accent); color: var(--accent-ink); box-shadow: var(--shadow);
    transition: transform .15s ease;
  }
  .bubble:hover { transform: scale(1.05); }
  .bubble svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2;
    stroke-linecap: round; stroke-linejoin: round; }
  .bubble .shut, .bubble[aria-expanded="true"] .talk { display: none; }
  .bubble[aria-expanded="true"] .shut { display: block; }
  .badge {
    position: absolute; top: -3px; right: -3px; min-width: 22px; padding: 0 6px; border: 2px solid var(--surface);
    border-radius: 11px; background: #d5342b; color: #fff; font-size: 12px; font-weight: 700; line-height: 18px;
    text-align: center;
  }
  .panel {
    position: absolute; right: 0; bottom: 72px; display: flex; flex-direction: column; overflow: hidden;
    width: 380px; height: min(600px, calc(100vh - 120px)); border: 1px solid var(--line); border-radius: 18px;
    background: var(--surface); box-shadow: var(--shadow); animation: rise .18s ease-out;
  }
  @keyframes rise { from { opacity: 0; transform: translateY(10px); } }
  header { display: flex; align-items: center; gap: 12px; padding: 14px 12px 14px 18px; background: var(--fill);
    color: var(--fill-ink); }
  header > div { flex: 1; min-width: 0; }
  h2 { margin: 0; overflow: hidden; font-size: 16px; font-weight: 650; text-overflow: ellipsis; white-space: nowrap; }
  .state { font-size: 13px; opacity: .88; }
  .close { display: grid; place-items: center; width: 36px; height: 36px; padding: 0; border: 0; border-radius: 50%;
    background: transparent; font-size: 22px; line-height: 1; color: inherit; }
  .close:hover { background: rgb(0 0 0 / 14%); }
  .close:focus-visible { outline-color: currentColor; }
  .log { flex: 1; display: flex; flex-direction: column; gap: 3px; padding: 16px; overflow-y: auto;
    overscroll-behavior: contain; }
  .log > :first-child { margin-top: auto; }
  .day { align-self: center; padding: 10px 0 6px; color: var(--ink-soft); font-size: 12px; font-weight: 600; }
  .message:not(.visitor, .system) + .visitor, .visitor + .message:not(.visitor, .system), .visitor + .typing {
    margin-top: 9px; }
  .message { display: flex; flex-direction: column; align-items: flex-start; max-width: 84%; align-self: flex-start; }
  .message .text { max-width: 100%; padding: 8px 13px; border-radius: 16px 16px 16px 5px; background: var(--sunken);
    overflow-wrap: anywhere; white-space: pre-wrap; }
  .message .about { margin: 2px 6px 5px; color: var(--ink-soft); font-size: 12px; }
  .message a { color: inherit; }
  .message.visitor { align-items: flex-end; align-self: flex-end; }
  .message.visitor .text { border-radius: 16px 16px 5px 16px; background: var(--fill); color: var(--fill-ink); }
  .message.visitor .about { text-align: right; }
  .message.unsent .text { opacity: .6; }
  .message.failed .text { opacity: 1; background: transparent; box-shadow: inset 0 0 0 1px var(--danger);
    color: var(--ink); }
  .message.failed .about { color: var(--danger); }
  .message.system { align-self: center; max-width: 92%; padding: 6px 0; color: var(--ink-soft); font-size: 13px;
    text-align: center; overflow-wrap: anywhere; }
  .link { padding: 0 4px; border: 0; background: none; color: inherit; font-size: 12px; text-decoration: underline; }
  .typing { align-self: flex-start; display: flex; gap: 4px; padding: 13px 14px; border-radius: 16px 16px 16px 5px;
    background: var(--sunken); }
  .typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--ink-soft);
    animation: blink 1.2s infinite both; }
  .typing i:nth-child(2) { animation-delay: .18s; }
  .typing i:nth-child(3) { animation-delay: .36s; }
  @keyframes blink { 0%, 70%, 100% { opacity: .3; } 35% { opacity: 1; } }
  .end { padding: 10px 16px; border-top: 1px solid var(--line); color: var(--ink-soft); font-size: 13px;
    text-align: center; }
  .end button { display: block; width: 100%; margin-top: 8px; padding: 10px; border: 0; border-radius: 10px;
    background: var(--accent); color: var(--accent-ink); font-weight: 600; }
  form { display: flex; flex-direction: column; gap: 8px; padding: 12px; border-top: 1px solid var(--line); }
  .who { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
  .row { display: flex; align-items: flex-end; gap: 8px; }
  input, textarea { width: 100%; min-width: 0; padding: 9px 12px; border: 1px solid var(--line); border-radius: 12px;
    background: var(--surface); }
  input:focus-visible, textarea:focus-visible { border-color: var(--accent); outline-offset: -2px; }
  input::placeholder, textarea::placeholder { color: var(--ink-soft); opacity: 1; }
  textarea { flex: 1; max-height: 130px; resize: none; field-sizing: content; }
  .send { flex: none; display: grid; place-items: center; width: 42px; height: 42px; padding: 0; border: 0;
    border-radius: 50%; background: var(--accent); color: var(--accent-ink); }
  .send:disabled { opacity: .45; cursor: default; }
  .send svg { width: 20px; height: 20px; fill: currentColor; }
  @media (max-width: 480px), (max-height: 480px) {
    .panel { position: fixed; inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; }
    .panel:not([hidden]) + .bubble { display: none; }
    .close { width: 44px; height: 44px; }
    input, textarea { font-size: 16px; }
  }
  :host([page]) { position: fixed; inset: 0; display: flex; justify-content: center; }
  :host([page]) .panel { position: static; width: min(760px, 100%); height: 100dvh; border-block: 0; border-radius: 0;
    animation: none; }
  @media (max-width: 480px) { :host([page]) .panel { border-inline: 0; } }
  @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
`;
