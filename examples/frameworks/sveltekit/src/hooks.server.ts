import { session } from "sojourn/sveltekit";
import { sessions } from "./server/sessions";

export const handle = session(sessions);
