import { defineHandler } from "nitro/h3";
import { reads } from "../../shop/reads";

export default defineHandler(() => String(reads()));
