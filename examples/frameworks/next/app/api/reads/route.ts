import { connection } from "next/server";
import { reads } from "../../../lib/reads";

export async function GET(): Promise<Response> {
  await connection();
  return new Response(String(reads()));
}
