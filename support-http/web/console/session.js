// @ts-check

/**
 * @typedef {{id: string, name: string, email: string, role: string}} User
 * @typedef {{token: string, expiresAt: string, user: User}} Login
 */

const KEY = "support-console|login";

/** Who is logged in, for this tab only: another tab logs in by itself. */
export class Session {
  /** @type {Login|null} */
  login = null;

  constructor() {
    try {
      this.login = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    } catch {
      this.login = null;
    }
  }

  /** @param {Login} login */
  begin(login) {
    this.login = login;
    sessionStorage.setItem(KEY, JSON.stringify(login));
  }

  end() {
    this.login = null;
    sessionStorage.removeItem(KEY);
  }
}
