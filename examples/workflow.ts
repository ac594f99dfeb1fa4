// Three steps with a person's yes: AGON_KEY=cq_… npx node examples/workflow.ts. Workers: examples/worker.ts.
import { AgonError, connect } from "../src/sdk/client.ts";
import {
  DefineWorkflowDocument,
  StartWorkflowDocument,
  WorkflowEventsDocument,
} from "../src/sdk/generated/operations.ts";

const { AGON_URL: url = "http://127.0.0.1:4000", AGON_KEY: key } = process.env;
const agon = connect({ url, key });

const { definition } = await agon.mutate(DefineWorkflowDocument, {
  input: {
    name: "Publish a text",
    steps: [
      { key: "count", title: "Count its characters", input: { text: "/input/text" } },
      { key: "check", title: "Publish it?", approval: true, input: { counted: "/steps/count" } },
      { key: "publish", title: "Publish it", after: ["check"], input: { text: "/input/text" } },
    ],
  },
});
if (!definition)
  throw new AgonError({ code: "NOT_FOUND", message: "Nothing was defined.", hint: "Look at the answer." });
const input = { definitionId: definition.id, input: { text: "Sing, goddess" } };
const { workflow } = await agon.mutate(StartWorkflowDocument, { input });
console.log(`${workflow.id} started`);
for await (const { workflowEvents } of agon.follow(
  WorkflowEventsDocument,
  { id: workflow.id, after: workflow.cursor },
  (item) => item.workflowEvents.cursor,
)) {
  const { event } = workflowEvents;
  if (event.__typename === "WorkflowStepChanged") console.log(`${event.key} ${event.stepState}`);
  if (event.__typename === "WorkflowStateChanged") console.log(event.runState);
  if (event.__typename === "WorkflowStateChanged" && event.runState !== "RUNNING") break;
}
