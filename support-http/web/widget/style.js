// @ts-check

/** The widget looks the same on every site: nothing of the page reaches into the shadow root. */
export const STYLE = `
  :host {
    --ink: light-dark(#17202b, #e8edf2); --ink-soft: light-dark(#586574, #a3b0bd);
    --surface: light-dark(#fff, #171e26); --sunken: light-dark(#f2f5f7, #222c37); --line: light-dark(#dfe4ea, #364250);
    --edge: light-dark(#838f9b, #6d7a88); --accent: light-dark(#14665f, #4fb8ab); --accent-ink: light-dark(#fff, #06211e);
    --fill: #14665f; --fill-ink: #fff; --danger: light-dark(#b3261e, #ff8a80);
    --shadow: 0 2px 6px rgb(15 30 45 / 14%), 0 16px 48px rgb(15 30 45 / 24%);
    all: initial; display: block !important; position: fixed; inset-inline-end: 20px; bottom: 20px; z-index: 2147483000;
    font: 400 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; color: var(--ink);
    color-scheme: light dark;
  }
  :host([dir="rtl"]) { direction: rtl; }
  :host([theme="light"]) { color-scheme: light; }
  :host([theme="dark"]) { color-scheme: dark; }
  :host([position="left"]) { inset-inline: auto; right: auto; left: 20px; }
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  button, input, select, textarea { font: inherit; color: inherit; }
  button, select, label.tool { cursor: pointer; }
  button:disabled, [aria-disabled="true"] { cursor: default; opacity: .5; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  svg { width: 22px; height: 22px; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
    stroke-linejoin: round; pointer-events: none; }
  :host([dir="rtl"]) .flip { transform: scaleX(-1); }
  small { font-size: 12px; color: var(--ink-soft); }
  p { margin: 0; }

  .bubble { position: relative; display: grid; place-items: center; width: 58px; height: 58px; padding: 0; border: 0;
    border-radius: 50%; background: var(--fill); color: var(--fill-ink); box-shadow: var(--shadow); transition: transform .15s ease; }
  .bubble:hover { transform: scale(1.05); }
  .bubble:focus-visible { outline: 3px solid var(--accent); box-shadow: 0 0 0 3px var(--surface), var(--shadow); outline-offset: 3px; }
  .bubble svg { width: 27px; height: 27px; }
  .bubble .shut, .bubble[aria-expanded="true"] .talk { display: none; }
  .bubble[aria-expanded="true"] .shut { display: block; }
  .badge { position: absolute; top: -3px; inset-inline-end: -3px; min-width: 22px; padding: 0 6px; border: 2px solid var(--surface);
    border-radius: 11px; background: #c42b23; color: #fff; font-size: 12px; font-weight: 700; line-height: 18px; text-align: center; }

  .panel { position: absolute; inset-inline-end: 0; bottom: 74px; display: flex; flex-direction: column; overflow: hidden; width: 384px;
    height: min(640px, calc(100vh - 124px)); border: 1px solid var(--line); border-radius: 18px; background: var(--surface);
    box-shadow: var(--shadow); animation: rise .18s ease-out; }
  :host([position="left"]) .panel { inset-inline: auto; right: auto; left: 0; }
  @keyframes rise { from { opacity: 0; transform: translateY(10px); } }

  .head { position: relative; display: flex; align-items: center; gap: 4px; padding: 13px 10px 13px 18px; padding-inline: 18px 10px;
    background: var(--fill); color: var(--fill-ink); }
  .who-talks { flex: 1; min-width: 0; }
  .face { flex: none; display: grid; place-items: center; width: 38px; height: 38px; margin-inline: -4px 8px; border-radius: 50%;
    background: var(--fill-ink); color: var(--fill); font-size: 17px; font-weight: 700; line-height: 1; }
  h2 { margin: 0; overflow: hidden; font-size: 16px; font-weight: 650; line-height: 1.35; text-overflow: ellipsis; white-space: nowrap; }
  .state { min-height: 1.4em; font-size: 13px; line-height: 1.4; }
  .round { display: grid; place-items: center; width: 38px; height: 38px; padding: 0; border: 0; border-radius: 50%; background: transparent; }
  .round:hover { background: color-mix(in srgb, currentColor 16%, transparent); }
  .head > :focus-visible { outline-color: currentColor; outline-offset: -2px; }
  .round svg { width: 20px; height: 20px; stroke-width: 2.2; }
  .round:first-of-type svg { stroke-width: 3.4; }

  .menu { position: absolute; top: calc(100% - 4px); inset-inline-end: 12px; z-index: 2; color: var(--ink); width: min(290px, calc(100% - 24px)); padding: 6px;
    border: 1px solid var(--line); border-radius: 14px; background: var(--surface); box-shadow: var(--shadow); }
  .menu > * { display: flex; align-items: center; justify-content: space-between; gap: 10px; width: 100%; min-height: 42px; padding: 6px 12px;
    border: 0; border-radius: 9px; background: none; text-align: start; }
  .menu > button:hover { background: var(--sunken); }
  .menu > :focus-visible { outline-offset: -2px; }
  .menu i { flex: none; width: 36px; height: 20px; border-radius: 10px; background: var(--edge); transition: background .15s; }
  .menu i::before { content: ""; display: block; width: 16px; height: 16px; margin: 2px; border-radius: 50%; background: #fff;
    transition: margin .15s; }
  [aria-checked="true"] i { background: var(--accent); }
  [aria-checked="true"] i::before { margin-inline-start: 18px; background: var(--accent-ink); }
  select { max-width: 100%; padding: 8px 10px; border: 1px solid var(--edge); border-radius: 10px; background: var(--surface); }
  .menu select { width: auto; padding: 4px 6px; }

  .log { flex: 1; display: flex; flex-direction: column; gap: 3px; min-height: 0; padding: 16px; overflow-y: auto; overscroll-behavior: contain; }
  .log:focus-visible, .page:focus-visible { outline-offset: -3px; }
  .log > :first-child { margin-top: auto; }
  .day { align-self: center; padding: 10px 0 6px; color: var(--ink-soft); font-size: 12px; font-weight: 600; }
  .message:not(.visitor, .system) + .visitor, .visitor + .message:not(.visitor, .system), .visitor + .typing { margin-top: 9px; }
  .message { flex: none; display: flex; flex-direction: column; align-items: flex-start; align-self: flex-start; max-width: 86%; }
  .text { max-width: 100%; padding: 8px 13px; overflow: hidden; border-radius: 16px; border-end-start-radius: 5px; background: var(--sunken);
    overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: isolate; text-align: start; }
  .about { margin: 2px 6px 5px; color: var(--ink-soft); font-size: 12px; overflow-wrap: anywhere; }
  .text a { color: inherit; text-underline-offset: 2px; }
  .visitor { align-items: flex-end; align-self: flex-end; }
  .visitor .text { border-end-start-radius: 16px; border-end-end-radius: 5px; background: var(--fill); color: var(--fill-ink); }
  .visitor .text small { color: inherit; }
  .visitor .about { text-align: end; }
  .visitor .text :focus-visible { outline-color: currentColor; }
  .unsent .text, .upload .text { background: color-mix(in srgb, var(--fill) 14%, var(--surface)); color: var(--ink); }
  .failed .text { background: transparent; box-shadow: inset 0 0 0 1px var(--danger); color: var(--ink); }
  .failed .about { color: var(--danger); }
  .system { align-self: center; max-width: 92%; padding: 4px 0; }
  .system .text { padding: 0; background: none; border-radius: 0; color: var(--ink-soft); font-size: 13px; text-align: center; }
  .IMAGE, .FILE { display: block; max-width: 100%; }
  .text:has(> .IMAGE) { padding: 5px; }
  img { display: block; max-width: 100%; max-height: 240px; min-height: 40px; border-radius: 11px; object-fit: contain; }
  progress { display: block; width: 180px; max-width: 100%; height: 6px; margin: 6px 0 2px; accent-color: var(--accent); }
  .link { min-height: 24px; padding: 0 5px; border: 0; background: none; color: inherit; font-size: inherit; text-decoration: underline;
    text-underline-offset: 2px; }
  .typing { flex: none; align-self: flex-start; display: flex; gap: 4px; padding: 13px 14px; border-radius: 16px; border-end-start-radius: 5px;
    background: var(--sunken); }
  .typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--ink-soft); animation: blink 1.2s infinite both; }
  .typing i:nth-child(2) { animation-delay: .18s; }
  .typing i:nth-child(3) { animation-delay: .36s; }
  @keyframes blink { 0%, 70%, 100% { opacity: .3; } 35% { opacity: 1; } }
  .chip { flex: none; align-self: flex-start; min-height: 36px; margin-top: 6px; padding: 6px 14px; border: 1px solid var(--accent);
    border-radius: 18px; background: transparent; color: var(--accent); font-weight: 550; }
  .chip:hover { background: color-mix(in srgb, var(--accent) 10%, transparent); }
  .news { position: relative; align-self: center; height: 34px; margin-top: -42px; margin-bottom: 8px; padding: 0 14px; border: 0;
    border-radius: 17px; background: var(--accent); color: var(--accent-ink); font-size: 13px; font-weight: 600; box-shadow: var(--shadow); }

  .foot { flex: none; max-height: 70%; overflow-y: auto; border-top: 1px solid var(--line); }
  .end { padding: 12px 16px; color: var(--ink-soft); font-size: 13px; text-align: center; }
  .main { width: 100%; min-height: 42px; margin-top: 8px; padding: 8px 14px; border: 0; border-radius: 11px; background: var(--accent);
    color: var(--accent-ink); font-size: 15px; font-weight: 600; }
  .end > .main { border: 1px solid var(--accent); background: none; color: var(--accent); }
  .rating fieldset { display: flex; flex-wrap: wrap; justify-content: center; gap: 2px; margin: 10px 0 0; padding: 0; border: 0; }
  .rating legend { width: 100%; padding: 0; color: var(--ink); font-size: 15px; font-weight: 600; text-align: center; }
  .rating label { position: relative; display: grid; place-items: center; width: 44px; height: 44px; color: var(--edge); }
  .rating label.lit { color: light-dark(#a86500, #ffc14d); }
  .rating label.lit svg { fill: currentColor; }
  .rating label:hover svg { transform: scale(1.12); }
  .rating label:has(:focus-visible) { outline: 2px solid var(--accent); border-radius: 10px; }
  .rating svg { width: 30px; height: 30px; stroke-width: 1.6; }
  .rating input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }

  .who { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; padding: 12px 12px 0; }
  .wide { grid-column: 1 / -1; }
  .who span, .page label span { display: block; margin: 0 2px 3px; font-size: 13px; font-weight: 550; }
  .who select { width: 100%; }
  input, textarea { width: 100%; min-width: 0; padding: 8px 11px; border: 1px solid var(--edge); border-radius: 11px; background: var(--surface); }
  input:focus-visible, textarea:focus-visible, select:focus-visible { border-color: var(--accent); outline-offset: -1px; }
  /* An empty field is taken for one that runs from left to right. */
  :is(input, textarea):placeholder-shown { direction: inherit; }
  ::placeholder { color: var(--ink-soft); opacity: 1; }
  .composer { display: flex; flex-direction: column; gap: 8px; padding: 10px 12px 12px; }
  .composer .chip { margin: 0; }
  .foot > .problem { padding: 10px 16px 0; }
  .problem { color: var(--danger); font-size: 13px; }
  .line { display: flex; align-items: flex-end; gap: 4px; }
  textarea { display: block; resize: none; }
  .line textarea { flex: 1; max-height: 130px; min-height: 42px; padding: 9px 13px; border-radius: 21px; field-sizing: content; }
  .tool { position: relative; flex: none; display: grid; place-items: center; width: 38px; height: 42px; border-radius: 50%; color: var(--ink-soft); }
  .tool:hover { color: var(--accent); }
  .tool:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: -2px; }
  .tool input { position: absolute; inset: 0; padding: 0; border: 0; opacity: 0; cursor: pointer; font-size: 0; }
  .camera { display: none; }
  @media (pointer: coarse) { .camera { display: grid; } }
  .send { flex: none; display: grid; place-items: center; width: 42px; height: 42px; margin-inline-start: 4px; padding: 0; border: 0;
    border-radius: 50%; background: var(--accent); color: var(--accent-ink); }
  .send svg { width: 20px; height: 20px; fill: currentColor; stroke: none; }
  .found { display: flex; flex-direction: column; gap: 5px; }
  .found small { padding: 0 2px; }
  .found button { min-height: 36px; padding: 6px 12px; border: 1px solid var(--line); border-radius: 11px; background: var(--sunken);
    font-size: 14px; text-align: start; overflow-wrap: anywhere; }
  .found button:hover { border-color: var(--accent); }

  .page { flex: 1; display: flex; flex-direction: column; gap: 12px; min-height: 0; padding: 12px 18px 18px; overflow-y: auto; overscroll-behavior: contain; }
  .page > * { flex: none; }
  .page form { display: flex; flex-direction: column; gap: 12px; }
  .page p { overflow-wrap: anywhere; }
  h3 { margin: 0; font-size: 19px; line-height: 1.3; overflow-wrap: anywhere; }
  .back { display: flex; align-items: center; gap: 2px; align-self: flex-start; min-height: 36px; margin-inline-start: -8px; padding: 4px 10px 4px 4px;
    border: 0; border-radius: 9px; background: none; color: var(--accent); font-weight: 550; }
  .back:hover { background: var(--sunken); }
  .back svg { width: 18px; height: 18px; }
  article { overflow-wrap: anywhere; }
  article :is(h1, h2, h3, h4) { margin: 1.1em 0 .4em; font-size: 16px; white-space: normal; }
  article :is(p, ul, ol, blockquote, pre, table) { margin: 0 0 .8em; }
  article a { color: var(--accent); }
  article :is(pre, table) { display: block; overflow-x: auto; padding: 10px; border-radius: 10px; background: var(--sunken); }
  .vote { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding-top: 12px; border-top: 1px solid var(--line); }
  .vote button:not(.link) { min-height: 34px; padding: 4px 16px; border: 1px solid var(--edge); border-radius: 17px; background: none; }
  .vote button:not(.link):hover { border-color: var(--accent); color: var(--accent); }
  .vote .link { margin-inline-start: auto; color: var(--accent); }
  .drop { position: absolute; inset: 8px; z-index: 3; display: grid; place-items: center; border: 2px dashed var(--accent); border-radius: 14px;
    background: color-mix(in srgb, var(--surface) 92%, transparent); font-weight: 600; pointer-events: none; }

  @media (max-width: 480px), (max-height: 480px) {
    .panel { position: fixed; inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; }
    .panel:not([hidden]) + .bubble { display: none; }
    .head { padding-top: max(13px, env(safe-area-inset-top)); }
    .composer { padding-bottom: max(12px, env(safe-area-inset-bottom)); }
    .round, .tool, .send { width: 44px; height: 44px; }
    .chip, .menu > *, .found button, .main, .vote button, .back, .who select, .news { min-height: 44px; }
    input, textarea, select { font-size: 16px; }
    .line textarea { min-height: 44px; }
  }
  :host([page]) { inset: 0; display: flex !important; justify-content: center; }
  :host([page]) .panel { position: relative; inset: auto; width: min(760px, 100%); height: 100dvh; border-block: 0; border-radius: 0;
    animation: none; }
  @media (max-width: 480px) { :host([page]) .panel { border-inline: 0; } }
  @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
  @media (forced-colors: active) { .bubble, .text, .main, .send, .chip { border: 1px solid; } }
`;
