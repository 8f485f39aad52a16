import { confide } from "./leaks.ts";

/** Secrets of tests: fixed, so that a failure can be run again. */
export const SECRET: string = confide("vQ4mT9xZ2kLr7WnB5sYc8HdJ1fGp6AuE");
export const OLD_SECRET: string = confide("Ue6uAp6Gf1JdH8cYs5BnW7rLk2Zx9Tm4Qv");
