import { expressAnswers } from "./answers.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(expressAnswers);
