package report

import (
	"image/color"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Chart is a plot of lines over one axis.
type Chart struct {
	Title, X, Y string
	LogY        bool
	Lines       []Line
}

// A Line is a line of a [Chart]. Lines of one Colour belong together, and differ by
// their Dash.
type Line struct {
	Name   string
	Colour int
	Dash   int
	X, Y   []float64
}

var (
	colours = []color.RGBA{{0xc0, 0x39, 0x2b, 0xff}, {0x1f, 0x77, 0xb4, 0xff}, {0x2c, 0x7a, 0x3f, 0xff}, {0x7f, 0x7f, 0x7f, 0xff}}
	dashes  = [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(1.5), vg.Points(2.5)}}
)

// Save writes the chart to a file, in the format of its name: .svg or .png.
func (c *Chart) Save(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.X, c.Y
	p.Title.Padding, p.X.Padding, p.Y.Padding = vg.Points(8), vg.Points(4), vg.Points(4)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding, p.Legend.XOffs = vg.Points(2), vg.Points(6)
	p.Add(plotter.NewGrid())
	for i := range c.Lines {
		if err := c.Lines[i].add(p); err != nil {
			return err
		}
	}
	p.X.Min = 0
	// Each with room for the legend, which has the upper left.
	if c.LogY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
		p.Y.Max *= math.Pow(p.Y.Max/p.Y.Min, 0.6)
	} else {
		p.Y.Min = 0
		p.Y.Max *= 1.5
	}
	return p.Save(7*vg.Inch, 4*vg.Inch, path)
}

// Add adds a point.
func (l *Line) Add(x, y float64) { l.X, l.Y = append(l.X, x), append(l.Y, y) }

// add draws the line, with a mark at each point.
func (l *Line) add(p *plot.Plot) error {
	points := make(plotter.XYs, len(l.X))
	for i := range points {
		points[i] = plotter.XY{X: l.X[i], Y: l.Y[i]}
	}
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	colour := colours[l.Colour%len(colours)]
	line.Color, line.Width, line.Dashes = colour, vg.Points(1.5), dashes[l.Dash%len(dashes)]
	marks.Color, marks.Radius, marks.Shape = colour, vg.Points(2), draw.CircleGlyph{}
	p.Add(line, marks)
	p.Legend.Add(l.Name, line, marks)
	return nil
}
