import { session } from "sojourn/nitro";
import { sessions } from "../shop/sessions";

export default session(sessions);
