import {
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  type Connection,
  type Edge,
  type Node,
  type NodeProps,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo } from "react";
import { NODE_HEIGHT, NODE_WIDTH, place, type Drawn } from "./drawing.ts";

type StepNode = Node<Drawn, "step">;

function Step({ data: { title, says, look }, isConnectable }: NodeProps<StepNode>) {
  return (
    <div className={`gstep ${look}`}>
      <Handle type="target" position={Position.Left} isConnectable={isConnectable} />
      <b className="trunc">{title}</b>
      <span className="xs trunc">{says}</span>
      <Handle type="source" position={Position.Right} isConnectable={isConnectable} />
    </div>
  );
}
const TYPES = { step: Step };
const MARKER = { type: MarkerType.ArrowClosed, color: "var(--line-2)" };

type Props = {
  steps: readonly Drawn[];
  label: string;
  /** Hears which step is pointed at, and which two are joined; the list beside it does the same by keys. */
  edit?: { choose: (key: string) => void; connect: (from: string, to: string) => void };
};

/** The graph of a workflow, from left to right; it follows what its steps say. The table beside it says the same in words. */
export default function WorkflowGraph({ steps, label, edit }: Props) {
  const shape = JSON.stringify(steps.map(({ key, needs }) => [key, needs]));
  // Only another shape is laid out anew: a step that moves on stays where it is.
  const placed = useMemo(() => new Map(place(steps).map(({ key, x, y }) => [key, { x, y }])), [shape]);
  const nodes: StepNode[] = steps.map((step) => ({
    id: step.key,
    type: "step",
    position: placed.get(step.key) ?? { x: 0, y: 0 },
    data: step,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
  }));
  const edges: Edge[] = steps.flatMap(({ key, needs }) =>
    needs.map((needed) => ({
      id: `${needed}>${key}`,
      source: needed,
      target: key,
      type: "smoothstep",
      markerEnd: MARKER,
    })),
  );
  return (
    <div className={edit ? "gw edit" : "gw"} role="img" aria-label={label}>
      <ReactFlow
        key={shape}
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={edit !== undefined}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        disableKeyboardA11y
        {...(edit && {
          onNodeClick: (_event: unknown, { id }: StepNode) => edit.choose(id),
          onConnect: ({ source, target }: Connection) => edit.connect(source, target),
        })}
        proOptions={{ hideAttribution: true }}
      />
    </div>
  );
}
