import type { PitLiveSubscription, PitPageQuery } from "../generated/graphql.ts";

export type Pit = PitPageQuery["pit"];
export type PitEvent = PitLiveSubscription["pitEvents"]["event"];

const MESSAGES_SHOWN_MAX = 50;

const without = <Entry extends { id: string }>(entries: readonly Entry[], id: string) =>
  entries.filter((entry) => entry.id !== id);

/** The Pit after one more of its events; events that change nothing shown give the same Pit. */
export function pitAfter(pit: Pit, event: PitEvent, at: string): Pit {
  switch (event.__typename) {
    case "AgentEntered":
      return enter(leave(pit, event.bot.id), event.bot, at);
    case "AgentLeft":
      return leave(pit, event.bot.id);
    case "MessagePosted":
      return say(pit, { id: `seq:${event.seq}`, text: event.text, at, bot: event.bot });
    case "CalloutCreated":
      return withCallouts(pit, [event.callout, ...without(pit.callouts.nodes, event.callout.id)]);
    case "CalloutAccepted":
    case "CalloutDeclined":
    case "CalloutCancelled":
    case "CalloutExpired":
      return withCallouts(pit, without(pit.callouts.nodes, event.callout.id));
    case "PitFightAnnounced":
      return { ...pit, fights: [event.fight, ...without(pit.fights, event.fight.id)] };
    case "PitFightEnded":
      return { ...pit, fights: without(pit.fights, event.fight.id) };
    case "StreamGap":
      return pit;
  }
}

type Presence = Pit["presences"]["nodes"][number];
type Message = Pit["messages"]["nodes"][number];

const withPresences = (pit: Pit, nodes: Presence[]): Pit => ({ ...pit, presences: { ...pit.presences, nodes } });

const withCallouts = (pit: Pit, nodes: Pit["callouts"]["nodes"]): Pit => ({
  ...pit,
  callouts: { ...pit.callouts, nodes },
});

const leave = (pit: Pit, botId: string) =>
  withPresences(
    pit,
    pit.presences.nodes.filter(({ bot }) => bot.id !== botId),
  );

const enter = (pit: Pit, bot: Presence["bot"], enteredAt: string) =>
  withPresences(pit, [{ __typename: "PitPresence", enteredAt, bot }, ...pit.presences.nodes]);

/** The event has no id of the message, only its place in the stream, which serves as well. */
function say(pit: Pit, message: Omit<Message, "__typename">): Pit {
  const others = without(pit.messages.nodes, message.id);
  const nodes = [...others, { __typename: "PitMessage" as const, ...message }].slice(-MESSAGES_SHOWN_MAX);
  return { ...pit, messages: { ...pit.messages, nodes } };
}
