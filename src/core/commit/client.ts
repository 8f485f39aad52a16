/** The client of one request, as far as a commit needs it. */
export interface Client {
  /** Whether the host believes that the request came over plain http. */
  isInsecure(): boolean;
  /** Whether no cookie can reach the client: it has gone, or the answer was destroyed, or has left past us. */
  isGone(): boolean;
}
