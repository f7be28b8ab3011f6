// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { webAddress } from "../views/words.js";

/**
 * Markdown as it will about look. The server makes the page that customers read; this never makes markup of text, so
 * nothing in it can act.
 * @param {string} text
 */
export const markdown = (text) => blocks(text.replaceAll("\r\n", "\n").split("\n"));

/** @param {string[]} lines @returns {unknown[]} */
const blocks = (lines) => {
  const drawn = [];
  for (let at = 0; at < lines.length;) {
    const block = blockAt(lines, at);
    drawn.push(block.content);
    at = block.next;
  }
  return drawn;
};

/** How many lines from here on belong together. @param {string[]} lines @param {number} at @param {(line: string) => boolean} belongs */
const run = (lines, at, belongs) => {
  let end = at;
  while (end < lines.length && belongs(lines[end])) end += 1;
  return end;
};

const ITEM = /^\s{0,3}(?:[-*+]|(\d+)[.)])\s+/;
const BEGINS_BLOCK = /^(?:#{1,6}\s|```|>|\s{0,3}(?:[-*+]|\d+[.)])\s|\s*(?:-{3,}|\*{3,})\s*$)/;

/** @param {string[]} lines @param {number} at @returns {{content: unknown, next: number}} */
const blockAt = (lines, at) => {
  const line = lines[at];
  if (line.trim() === "") return { content: nothing, next: at + 1 };
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) return { content: headingOf(heading[1].length, heading[2]), next: at + 1 };
  if (line.startsWith("```")) {
    const end = run(lines, at + 1, (next) => !next.startsWith("```"));
    return { content: html`<pre><code>${lines.slice(at + 1, end).join("\n")}</code></pre>`, next: end + 1 };
  }
  if (/^\s*(?:-{3,}|\*{3,})\s*$/.test(line)) return { content: html`<hr>`, next: at + 1 };
  if (line.startsWith(">")) {
    const end = run(lines, at, (next) => next.startsWith(">"));
    return { content: html`<blockquote>${blocks(lines.slice(at, end).map((quoted) => quoted.replace(/^>\s?/, "")))}</blockquote>`, next: end };
  }
  if (ITEM.test(line)) return listAt(lines, at);
  const end = Math.max(at + 1, run(lines, at, (next) => next.trim() !== "" && !BEGINS_BLOCK.test(next)));
  return { content: html`<p>${spans(lines.slice(at, end).join("\n"))}</p>`, next: end };
};

/** @param {string[]} lines @param {number} at */
const listAt = (lines, at) => {
  const isOrdered = ITEM.exec(lines[at])?.[1] !== undefined;
  const end = run(lines, at, (line) => line.trim() !== "" && (ITEM.test(line) || /^\s+/.test(line)));
  /** @type {string[]} */
  const items = [];
  for (const line of lines.slice(at, end)) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items.push(`${items.pop() ?? ""}\n${line.trim()}`);
  }
  const drawn = items.map((item) => html`<li>${spans(item)}</li>`);
  return { content: isOrdered ? html`<ol>${drawn}</ol>` : html`<ul>${drawn}</ul>`, next: end };
};

/** @param {number} level @param {string} text */
const headingOf = (level, text) => {
  if (level <= 2) return html`<h2>${spans(text)}</h2>`;
  return level === 3 ? html`<h3>${spans(text)}</h3>` : html`<h4>${spans(text)}</h4>`;
};

const SPAN = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|~~([^~]+)~~|(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)/;

/** @param {string} text @returns {unknown[]} */
const spans = (text) => {
  const drawn = [];
  let rest = text;
  for (let found = SPAN.exec(rest); found; found = SPAN.exec(rest)) {
    drawn.push(rest.slice(0, found.index), span(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...drawn, rest];
};

/** @param {RegExpExecArray} found */
const span = ([, code, strong, star, line, gone, isPicture, label, address]) => {
  if (code) return html`<code>${code}</code>`;
  if (strong) return html`<strong>${spans(strong)}</strong>`;
  if (star || line) return html`<em>${spans(star || line)}</em>`;
  if (gone) return html`<del>${gone}</del>`;
  if (isPicture) return html`<span class="hint">[${label || "picture"}]</span>`;
  const target = /^mailto:[^\s]+$/i.test(address) ? address : webAddress(address);
  return target ? html`<a href=${target} target="_blank" rel="noopener noreferrer">${label}</a>` : label;
};
