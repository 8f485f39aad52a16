import { NextResponse } from "next/server";
import { getSession } from "./lib/session";

export const proxy = getSession.proxy((session, request) => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/account") && session.get("user_id") === undefined) {
    return NextResponse.redirect(new URL("/", request.url));
  }
});

export const config = { matcher: ["/", "/account/:path*", "/static"] };
