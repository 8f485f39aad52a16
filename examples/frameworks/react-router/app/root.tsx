import { Links, Meta, Outlet, Scripts, ScrollRestoration } from "react-router";
import { router } from "./sessions.server";
import type { Route } from "./+types/root";

export const middleware: Route.MiddlewareFunction[] = [router.middleware];

export default function App() {
  return (
    <html lang="en">
      <head>
        <title>A shop on React Router</title>
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet />
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export function ErrorBoundary() {
  return <p id="error">something went wrong</p>;
}
