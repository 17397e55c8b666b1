// A chart on the page: NiceGUI's ECharts, without animation, safe to leave before it is drawn.
import { echarts } from "nicegui-echart";

// A key that begins with ":" holds an expression of ours (charting code, never data of anyone).
function live(options) {
  if (Array.isArray(options)) return options.map(live);
  if (options === null || typeof options !== "object") return options;
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      if (key.startsWith(":")) return [key.slice(1), new Function(`return (${value})`)()];
      return [key, key === "data" || key === "points" ? value : live(value)];
    }),
  );
}

export default {
  template: "<div></div>",
  mounted() {
    this.chart = echarts.init(this.$el);
    this.resized = new ResizeObserver(() => this.chart.resize());
    this.resized.observe(this.$el);
    const options = live(JSON.parse(this.packed));
    for (const axis of options.xAxis) axis.data = options.points;
    this.chart.on("finished", () => { this.$el.dataset.drawn = options.points.length; });
    this.chart.setOption(options);
  },
  beforeUnmount() {
    this.resized?.disconnect();
    this.chart?.dispose();
  },
  methods: {
    run_chart_method(name, ...args) {
      return runMethod(this.chart, name, args);
    },
  },
  props: { packed: String, options: Object, enable3d: Boolean, renderer: String, theme: String },
};
