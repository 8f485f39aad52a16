import type { Host } from "../../src/core/request/host.ts";

/** A request in which nothing is special but its Cookie header. */
export function loneRequest(cookieHeader: string | undefined): Host {
  return {
    anonymousOnError: false,
    isActivity: true,
    cookieHeader: () => cookieHeader,
    onFirstLook: () => true,
    isInsecure: () => false,
    isGone: () => false,
    onGone: () => {},
  };
}
