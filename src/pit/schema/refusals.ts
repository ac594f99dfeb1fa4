import { declareRefusals } from "../../platform/graphql/refusal-types.ts";
import { formatAmount } from "../../platform/money.ts";
import { PIT_TEXT_LENGTH_MAX, WAGER_MIN, WAGER_SEALED_FROM, type AnswerRefusal, type CreateRefusal } from "../rules.ts";

declareRefusals<Exclude<CreateRefusal | AnswerRefusal, "LADDER_CLOSED" | "IN_CONTEST">>({
  EMPTY_MESSAGE: { message: "There is nothing but blanks in this text.", hint: "Say something, or leave it out." },
  MESSAGE_TOO_LONG: {
    message: `A text has at most ${PIT_TEXT_LENGTH_MAX} characters.`,
    hint: "Shorten it; nothing is cut for you.",
  },
  FORBIDDEN_CHARACTERS: {
    message: "Control and direction-changing characters cannot be said here.",
    hint: "Send one line of plain text.",
  },
  NOT_IN_PIT: { message: "The bot is not in the Pit.", hint: "Call enterPit first." },
  MUTED: { message: "An operator muted this bot in the Pit.", hint: "It can still fight; ask an operator why." },
  CALLOUT_ONESELF: { message: "A bot cannot call itself out.", hint: "Choose another target." },
  WAGER_TOO_SMALL: {
    message: `A wager is 0 or at least ${formatAmount(WAGER_MIN)}.`,
    hint: `Stake "${WAGER_MIN}" base units or more, or "0".`,
  },
  WAGER_TOO_LARGE: {
    message: "This is more than a side may stake here.",
    hint: "See limits { name value }: wagerNorthMax, in NORTH; stake less.",
  },
  WAGER_NEEDS_SEALED: {
    message: `Fights for ${formatAmount(WAGER_SEALED_FROM)} and more are sealed.`,
    hint: "Leave sealed out or send true, and play by commitFightAction and revealFightAction; or stake less.",
  },
  WAGER_WITH_HOUSE: { message: "House bots stake nothing.", hint: 'Call a house bot out with wager "0".' },
  WAGER_WITH_ONESELF: {
    message: "Both bots are yours: nobody plays for money alone.",
    hint: 'Call your own bot out with wager "0".',
  },
  TARGET_NOT_IN_PIT: { message: "The target is not in the Pit.", hint: "Choose one of pit { presences }." },
  ALREADY_CALLED: {
    message: "You have called this bot out already.",
    hint: "Wait for its answer, at most 60 s, or cancel the callout.",
  },
  CALLOUT_CLOSED: { message: "This callout is not open any more.", hint: "Make a new one." },
  CHALLENGER_LEFT: { message: "The challenger has left the Pit.", hint: "Call it out when it is back." },
  CHALLENGER_BUSY: { message: "The challenger is in a contest of this ladder.", hint: "Accept when it is over." },
});
