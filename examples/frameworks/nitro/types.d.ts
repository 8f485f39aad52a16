import type { sessions } from "./shop/sessions";

declare module "sojourn" {
  interface Register {
    session: typeof sessions;
  }
}
