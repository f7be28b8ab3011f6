// @ts-check

/** A call that was not answered with success; status 0 means that no answer came. */
export class Failure extends Error {
  /**
   * @param {number} status @param {string} code @param {string} text @param {number} retryAfter milliseconds
   * @param {{field: string, message: string}[]} [details] what is wrong with which field
   */
  constructor(status, code, text, retryAfter, details = []) {
    super(text);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.details = details;
  }

  /** Whether the same call may succeed later. A CONFLICT means that its first try is still running. */
  get passes() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500 ||
      (this.status === 409 && this.code === "CONFLICT");
  }
}

/** @param {string} text @returns {any} */
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** @param {Response} response @param {any} answer */
export const failureOf = (response, answer) => {
  const seconds = Number(response.headers.get("Retry-After"));
  const error = typeof answer?.error === "string" ? { message: answer.error } : answer?.error ?? {};
  const text = error.details?.[0]?.message ?? error.message ?? "The server did not accept this";
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : 0;
  return new Failure(response.status, error.code ?? "", text, wait, error.details ?? []);
};

/**
 * @param {string} method @param {URL} url @param {Record<string, string>} headers @param {object} [body]
 * @returns {Promise<any>} the answer's `data`, or all of it where the face has no envelope
 */
export const callServer = async (method, url, headers, body) => {
  let response;
  let text;
  try {
    response = await fetch(url, {
      method,
      headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
      body: body ? JSON.stringify(body) : undefined,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(20_000),
    });
    text = await response.text();
  } catch {
    throw new Failure(0, "UNREACHABLE", "The server cannot be reached", 0);
  }
  const answer = parse(text);
  if (!response.ok) throw failureOf(response, answer);
  if (response.status === 204) return {};
  // A proxy's own page, or an answer cut short: the call may well have been done, so it is made again.
  if (answer === null) throw new Failure(502, "BROKEN_ANSWER", "The server's answer was not understood", 0);
  return answer.data ?? answer;
};
