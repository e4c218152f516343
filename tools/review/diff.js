// Asks the CDK CLI's own diff engine. In: [{"old": template, "new": template}, ...] on stdin; out: what differs.
const { fullDiff } = require("@aws-cdk/cloudformation-diff");
const { loadAwsServiceSpecSync } = require("@aws-cdk/aws-service-spec"); // the engine's own, which says what has state

const spec = loadAwsServiceSpecSync();
const hasState = (type) =>
  spec.lookup("resource", "cloudFormationType", "equals", type)[0]?.isStateful === true;

const changed = (differences) =>
  Object.entries(differences).map(([name, each]) => ({
    name, old: each.oldValue, new: each.newValue, impact: each.changeImpact ?? "WILL_UPDATE",
  }));

const answer = (pair) => {
  const diff = fullDiff(pair.old, pair.new);
  const resources = [];
  diff.resources.forEachDifference((logicalId, change) => {
    resources.push({
      logicalId,
      oldType: change.oldResourceType,
      newType: change.newResourceType,
      impact: change.changeImpact,
      stateful: hasState(change.oldResourceType ?? change.newResourceType),
      properties: changed(change.propertyUpdates),
      other: changed(change.otherChanges),
    });
  });
  return { resources, outputs: diff.outputs.logicalIds };
};

const pairs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(pairs.map(answer)));
