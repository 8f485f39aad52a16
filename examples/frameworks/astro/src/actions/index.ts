import { ActionError, defineAction } from "astro:actions";
import { z } from "astro/zod";

export const server = {
  login: defineAction({
    accept: "form",
    input: z.object({ name: z.string() }),
    handler({ name }, { locals: { session } }) {
      session.renew().put("user_id", name).flash("notice", `Welcome, ${name}.`);
    },
  }),
  add: defineAction({
    accept: "form",
    handler(_input, { locals: { session } }) {
      session.update("cart", (cart = []) => [...cart, "pen"]);
    },
  }),
  fail: defineAction({
    accept: "form",
    handler(_input, { locals: { session } }) {
      session.update("cart", (cart = []) => [...cart, "ink"]);
      throw new Error("this action fails");
    },
  }),
  lost: defineAction({
    accept: "form",
    handler(_input, { locals: { session } }) {
      session.update("cart", (cart = []) => [...cart, "map"]);
      throw new ActionError({ code: "NOT_FOUND" });
    },
  }),
  logout: defineAction({
    accept: "form",
    handler(_input, { locals: { session } }) {
      session.drop();
    },
  }),
};
