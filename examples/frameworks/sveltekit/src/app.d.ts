import type { SessionOf } from "sojourn";
import type { sessions } from "./server/sessions";

declare global {
  namespace App {
    interface Locals {
      readonly session: SessionOf<typeof sessions>;
    }
  }
}
