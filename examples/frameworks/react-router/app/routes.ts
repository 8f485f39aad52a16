import { index, route } from "@react-router/dev/routes";
import type { RouteConfig } from "@react-router/dev/routes";

export default [
  route("/", "routes/frame.tsx", [index("routes/home.tsx")]),
  route("account", "routes/account.tsx"),
  route("static", "routes/static.tsx"),
  route("api/add", "routes/add.ts"),
  route("api/cart", "routes/cart.ts"),
  route("api/late", "routes/late.ts"),
  route("api/self", "routes/self.ts"),
  route("api/big", "routes/big.ts"),
  route("api/missing", "routes/missing.ts"),
  route("api/clock", "routes/clock.ts"),
  route("api/reads", "routes/reads.ts"),
] satisfies RouteConfig;
