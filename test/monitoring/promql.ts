// What a PromQL expression names, read with Prometheus' own grammar.
import { parser } from '@prometheus-io/lezer-promql';

export interface Named {
  readonly metric: string;
  /** Of its matchers. */
  readonly labels: readonly string[];
}

export interface Expression {
  readonly selectors: readonly Named[];
  /** Of `by`, `without`, `on` and `group_left`. */
  readonly grouped: readonly string[];
}

/** Throws an Error for what is no PromQL. Grafana's variables must have been replaced. */
export function readPromql(text: string): Expression {
  const tree = parser.parse(text);
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  const textOf = ({ from, to }: { from: number; to: number }) => text.slice(from, to);
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${text}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector')
        selectors.at(-1)!.metric = textOf(node);
      if (node.name !== 'LabelName') return;
      if (node.node.parent?.name === 'GroupingLabels') grouped.push(textOf(node));
      else selectors.at(-1)!.labels.push(textOf(node));
    },
  });
  return { selectors, grouped };
}
