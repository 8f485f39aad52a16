/** What a host calls its request: `req`, `request`, `c`, `ctx`, `event`, `conn`. A response does not fit. */
export type Conn =
  | { readonly headers: object; readonly ok?: never; readonly sent?: never }
  | { readonly req: object; readonly statusCode?: never };
