import { Graph, layout } from "@dagrejs/dagre";

/** A step as it is drawn: by its key, with what comes before it. */
export type Drawn = { key: string; title: string; needs: readonly string[]; says: string; look: string };
export type Placed = Drawn & { x: number; y: number };

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 56;

/** Places steps from left to right, each behind what it needs. What a needed step is not there is left out. */
export function place(steps: readonly Drawn[]): Placed[] {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 48, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  const keys = new Set(steps.map(({ key }) => key));
  for (const { key } of steps) graph.setNode(key, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { key, needs } of steps) for (const needed of needs) if (keys.has(needed)) graph.setEdge(needed, key);
  layout(graph);
  return steps.map((step) => {
    const { x = 0, y = 0 } = graph.node(step.key) as { x?: number; y?: number };
    return { ...step, x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
  });
}
