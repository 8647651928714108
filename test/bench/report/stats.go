package report

import (
	"math"
	"slices"
)

// Median returns the median, or NaN of nothing.
func Median(numbers []float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Ratios returns the ratios a/b, trial by trial: what troubled the machine in a
// trial has troubled both.
func Ratios(a, b []float64) []float64 {
	ratios := make([]float64, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return ratios
}

// Serial returns, trial by trial, the rate of one thing followed by the other on the
// same machine, if each alone takes all of it.
func Serial(a, b []float64) []float64 {
	rates := make([]float64, min(len(a), len(b)))
	for i := range rates {
		rates[i] = 1 / (1/a[i] + 1/b[i])
	}
	return rates
}

// Slope returns by how much y grows for each unit of x, by least squares.
func Slope(x, y []float64) float64 {
	var meanX, meanY float64
	for i := range x {
		meanX += x[i] / float64(len(x))
		meanY += y[i] / float64(len(x))
	}
	var covariance, variance float64
	for i := range x {
		covariance += (x[i] - meanX) * (y[i] - meanY)
		variance += (x[i] - meanX) * (x[i] - meanX)
	}
	return covariance / variance
}
