/** How a field travels: 0 is a float, a positive number so many unsigned bits, a negative one so many signed bits. */
type Width = number;
type FieldTable = readonly (readonly [name: string, width: Width])[];

/** Fields of an entity in the order of protocol 71: those that change most come first. */
export const ENTITY_FIELDS = [
  ["posTime", 32],
  ["posBaseX", 0],
  ["posBaseY", 0],
  ["posDeltaX", 0],
  ["posDeltaY", 0],
  ["posBaseZ", 0],
  ["aposBaseYaw", 0],
  ["posDeltaZ", 0],
  ["aposBasePitch", 0],
  ["event", 10],
  ["angles2Yaw", 0],
  ["type", 8],
  ["torsoAnimation", 8],
  ["eventParameter", 8],
  ["legsAnimation", 8],
  ["groundEntity", 10],
  ["posType", 8],
  ["flags", 19],
  ["otherEntity", 10],
  ["weapon", 8],
  ["client", 8],
  ["anglesYaw", 0],
  ["posDuration", 32],
  ["aposType", 8],
  ["originX", 0],
  ["originY", 0],
  ["originZ", 0],
  ["solid", 24],
  ["powerups", 16],
  ["model", 8],
  ["otherEntity2", 10],
  ["loopSound", 8],
  ["generic1", 8],
  ["origin2Z", 0],
  ["origin2X", 0],
  ["origin2Y", 0],
  ["model2", 8],
  ["anglesPitch", 0],
  ["time", 32],
  ["aposTime", 32],
  ["aposDuration", 32],
  ["aposBaseRoll", 0],
  ["aposDeltaPitch", 0],
  ["aposDeltaYaw", 0],
  ["aposDeltaRoll", 0],
  ["time2", 32],
  ["anglesRoll", 0],
  ["angles2Pitch", 0],
  ["angles2Roll", 0],
  ["constantLight", 32],
  ["frame", 16],
] as const satisfies FieldTable;

/** Fields of one's own player in the order of protocol 71. */
export const PLAYER_FIELDS = [
  ["commandTime", 32],
  ["originX", 0],
  ["originY", 0],
  ["bobCycle", 8],
  ["velocityX", 0],
  ["velocityY", 0],
  ["viewYaw", 0],
  ["viewPitch", 0],
  ["weaponTime", -16],
  ["originZ", 0],
  ["velocityZ", 0],
  ["legsTimer", 8],
  ["moveTime", -16],
  ["eventSequence", 16],
  ["torsoAnimation", 8],
  ["movementDirection", 4],
  ["event0", 8],
  ["legsAnimation", 8],
  ["event1", 8],
  ["moveFlags", 16],
  ["groundEntity", 10],
  ["weaponState", 4],
  ["flags", 16],
  ["externalEvent", 10],
  ["gravity", 16],
  ["speed", 16],
  ["deltaYaw", 16],
  ["externalEventParameter", 8],
  ["viewHeight", -8],
  ["damageEvent", 8],
  ["damageYaw", 8],
  ["damagePitch", 8],
  ["damageCount", 8],
  ["generic1", 8],
  ["moveType", 8],
  ["deltaPitch", 16],
  ["deltaRoll", 16],
  ["torsoTimer", 12],
  ["eventParameter0", 8],
  ["eventParameter1", 8],
  ["client", 8],
  ["weapon", 5],
  ["viewRoll", 0],
  ["grappleX", 0],
  ["grappleY", 0],
  ["grappleZ", 0],
  ["jumpPad", 10],
  ["loopSound", 16],
] as const satisfies FieldTable;

/** The arrays of 16 numbers of one's own player, in their order on the wire. */
export const PLAYER_ARRAYS = ["stats", "persistent", "ammo", "powerups"] as const;
export const ARRAY_LENGTH = 16;

type EntityField = (typeof ENTITY_FIELDS)[number][0];
type PlayerField = (typeof PLAYER_FIELDS)[number][0];

/** An entity as a snapshot shows it. Never changed once it is made. */
export type EntityState = Readonly<Record<"number" | EntityField, number>>;

/** One's own player. Never changed once it is made. */
export type PlayerState = Readonly<
  Record<PlayerField, number> & Record<(typeof PLAYER_ARRAYS)[number], readonly number[]>
>;

const zeros = (table: FieldTable) => Object.fromEntries(table.map(([name]) => [name, 0]));
const emptyArray: readonly number[] = Array.from({ length: ARRAY_LENGTH }, () => 0);

/** What a change is relative to where nothing is known. */
export const EMPTY_ENTITY = { number: 0, ...zeros(ENTITY_FIELDS) } as EntityState;
export const EMPTY_PLAYER = {
  ...zeros(PLAYER_FIELDS),
  ...Object.fromEntries(PLAYER_ARRAYS.map((name) => [name, emptyArray])),
} as PlayerState;
