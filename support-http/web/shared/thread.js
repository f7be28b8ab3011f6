// @ts-check

/**
 * @typedef {object} Message
 * @property {string} id
 * @property {number} seq
 * @property {"VISITOR"|"ADMIN"|"BOT"|"SYSTEM"} sender
 * @property {string|null} senderName
 * @property {string} message
 * @property {string} messageType
 * @property {boolean} [isNote]
 * @property {string|null} fileUrl
 * @property {string|null} fileName
 * @property {boolean} isRead
 * @property {string} createdAt
 * @property {string|null} [clientMessageId]
 */

const LONGEST_PAUSE_IN_A_RUN = 5 * 60_000;

/** @typedef {{sender: string, senderName: string|null, createdAt: string, messageType: string, isNote?: boolean}} Said */

/** Private to the team. @param {Said} message */
export const isNote = (message) => message.isNote === true || message.messageType === "NOTE";

/** Whether both were written by the same person in one go, on one day. @param {Said|undefined} earlier @param {Said|undefined} later */
export const isOneRun = (earlier, later) => {
  if (!earlier || !later || earlier.sender !== later.sender || earlier.senderName !== later.senderName) return false;
  if (isNote(earlier) !== isNote(later) || startsDay(earlier, later)) return false;
  return Date.parse(later.createdAt) - Date.parse(earlier.createdAt) < LONGEST_PAUSE_IN_A_RUN;
};

/** Whether a day passed before it. @param {Said|undefined} earlier @param {Said} later */
export const startsDay = (earlier, later) =>
  !earlier || new Date(earlier.createdAt).toDateString() !== new Date(later.createdAt).toDateString();

/**
 * Messages by `seq`: each once, in order, however often and in whatever order they arrive.
 * @template {{seq: number}} [M=Message]
 */
export class Thread {
  /** @type {M[]} */
  messages = [];

  get lastSeq() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** @param {M} message @returns {boolean} whether it was new */
  accept(message) {
    let index = this.messages.length;
    while (index > 0 && this.messages[index - 1].seq > message.seq) index -= 1;
    if (this.messages[index - 1]?.seq === message.seq) {
      this.messages[index - 1] = { ...this.messages[index - 1], ...message };
      return false;
    }
    this.messages.splice(index, 0, message);
    return true;
  }
}
