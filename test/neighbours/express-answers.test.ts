import { expressAnswers } from "./express-answers.ts";
import { testNeighbours } from "./support/test-neighbours.ts";

testNeighbours(expressAnswers);
