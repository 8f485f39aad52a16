import { cookieStore, createSessions, createTable, tableStore } from "sojourn";
import { now } from "./clock";

export interface Data {
  user_id?: string;
  cart?: readonly string[];
  notice?: string;
  blob?: string;
}

const store =
  process.env.STORE === "sealed"
    ? cookieStore({ secret: process.env.SESSION_SECRET })
    : tableStore({ table: createTable("shop") });

export const sessions = createSessions<Data>({
  store,
  key: "__Host-session",
  subject: "user_id",
  carry: ["cart"],
  now,
});
