import { Lane } from "../lane.tsx";
import type { Frame } from "./frames.ts";
import type { Label, Player } from "./picture.ts";

const HEALTH_FULL = 100;

/** Each bot's number, name and health; they stand over the picture, where `placeNames` puts them. */
export function Names({
  ref,
  players,
  hidden,
}: {
  ref: React.Ref<HTMLDivElement>;
  players: readonly Player[];
  hidden: boolean;
}) {
  return (
    <div className="qnames" ref={ref} aria-hidden="true" hidden={hidden}>
      {players.map(({ side, name }) => (
        <div key={side} data-side={side} style={{ "--l": `var(--lane-${side + 1})` } as React.CSSProperties}>
          <Lane side={side} />
          <span className="nm">{name}</span>
          <i />
        </div>
      ))}
    </div>
  );
}

/** Puts the names where their bots are; written past React, as often as the picture. */
export function placeNames(box: HTMLElement, moment: Frame, labels: readonly Label[]): void {
  for (const element of box.children) {
    if (!(element instanceof HTMLElement)) continue;
    const side = Number(element.dataset["side"]);
    const label = labels.find((each) => each.side === side);
    const pose = moment.poses.find((each) => each.side === side);
    element.hidden = !label || !pose;
    if (!label || !pose) continue;
    element.style.transform = `translate(${label.x.toFixed(1)}px, ${label.y.toFixed(1)}px) translate(-50%, -100%)`;
    element.style.setProperty("--hp", String(pose.alive ? Math.min(1, Math.max(0, pose.health) / HEALTH_FULL) : 0));
    element.classList.toggle("dead", !pose.alive);
  }
}
