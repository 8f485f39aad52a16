import { session } from "sojourn/next";
import { sessions } from "./sessions";

export const getSession = session(sessions);
