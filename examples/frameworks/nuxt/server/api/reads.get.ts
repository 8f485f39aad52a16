import { reads } from "../shop/reads";

export default defineEventHandler(() => String(reads()));
