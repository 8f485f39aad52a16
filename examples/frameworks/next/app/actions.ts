"use server";

import { notFound, redirect } from "next/navigation";
import { getSession } from "../lib/session";

export const logIn = getSession.action(async (session, form: FormData) => {
  const name = form.get("name");
  if (typeof name !== "string" || name === "") return;
  session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
  redirect("/");
});

export const addToCart = getSession.action(async (session) => {
  session.flash("notice"); // The message was shown; it is taken by the next action.
  session.update("cart", (cart = []) => [...cart, "pen"]);
});

export const failAfterWrite = getSession.action(async (session) => {
  session.update("cart", (cart = []) => [...cart, "ink"]);
  throw new Error("this action fails");
});

export const loseTheWay = getSession.action(async (session) => {
  session.update("cart", (cart = []) => [...cart, "map"]);
  notFound();
});

export const logOut = getSession.action(async (session) => {
  session.drop();
  redirect("/");
});
